//===- CampaignOptions.cpp - What a campaign is asked to do ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/PassCatalog.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tenon::fuzz;
using llvm::StringRef;

static constexpr std::pair<Policy, std::string_view> kPolicies[] = {
    {Policy::Generate, "generate"}, {Policy::Tzer, "tzer"}, {Policy::Bandit, "bandit"}};

std::string_view tenon::fuzz::nameOf(Policy policy) {
  for (auto [known, name] : kPolicies)
    if (known == policy)
      return name;
  return "";
}

llvm::Expected<Policy> tenon::fuzz::parsePolicy(StringRef text) {
  for (auto [policy, name] : kPolicies)
    if (text == StringRef(name))
      return policy;
  return llvm::createStringError("unknown policy '" + text +
                                 "'; expected generate, tzer or bandit");
}

/// The bits of the words of a list. `nameOfBit` names each of `count`.
template <typename NameOfBit>
static llvm::Expected<uint32_t> parseBits(StringRef text, StringRef what, unsigned count,
                                          NameOfBit nameOfBit) {
  uint32_t bits = 0;
  llvm::SmallVector<StringRef> words;
  text.split(words, ',', -1, /*KeepEmpty=*/false);
  for (StringRef word : words) {
    unsigned bit = 0;
    while (bit < count && word != StringRef(nameOfBit(bit)))
      ++bit;
    if (bit == count) {
      std::string known;
      for (unsigned i = 0; i < count; ++i)
        known += (i ? ", " : "") + std::string(nameOfBit(i));
      return llvm::createStringError("unknown " + what + " '" + word + "'; expected a list of " +
                                     known);
    }
    bits |= 1u << bit;
  }
  return bits;
}

template <typename NameOfBit>
static std::string printBits(uint32_t bits, unsigned count, NameOfBit nameOfBit) {
  std::string text;
  for (unsigned bit = 0; bit < count; ++bit)
    if (bits >> bit & 1)
      text += (text.empty() ? "" : ",") + std::string(nameOfBit(bit));
  return text;
}

static std::string_view oracleName(unsigned bit) { return nameOf(Oracle(bit)); }
static std::string_view feedbackName(unsigned bit) { return kFeedbackNames[bit]; }

std::string tenon::fuzz::printOracles(Oracles oracles) {
  return printBits(oracles, kNumOracles, oracleName);
}

llvm::Expected<Oracles> tenon::fuzz::parseOracles(StringRef text) {
  if (text == "all")
    return kAllOracles;
  llvm::Expected<uint32_t> bits = parseBits(text, "oracle", kNumOracles, oracleName);
  if (!bits)
    return bits.takeError();
  if (*bits == 0)
    return llvm::createStringError("no oracle is named; expected a list, or all");
  return Oracles(*bits);
}

std::string tenon::fuzz::printFeedback(uint8_t feedback) {
  return feedback ? printBits(feedback, kNumFeedbacks, feedbackName) : "none";
}

llvm::Expected<uint8_t> tenon::fuzz::parseFeedback(StringRef text) {
  if (text == "none")
    return uint8_t(0);
  llvm::Expected<uint32_t> bits = parseBits(text, "feedback", kNumFeedbacks, feedbackName);
  if (!bits)
    return bits.takeError();
  if (*bits == 0)
    return llvm::createStringError("no feedback is named; expected a list, or none");
  return uint8_t(*bits);
}

std::string tenon::fuzz::printPassNames(const std::vector<PassStep> &passes) {
  std::string text;
  for (const PassStep &pass : passes)
    text += (text.empty() ? "" : ",") + pass.name;
  return text;
}

llvm::Expected<std::vector<PassStep>> tenon::fuzz::parsePassNames(StringRef text) {
  std::vector<PassStep> passes;
  llvm::SmallVector<StringRef> words;
  text.split(words, ',', -1, /*KeepEmpty=*/false);
  for (StringRef word : words) {
    if (!findPass(word))
      return llvm::createStringError("unknown pass '" + word + "'; see tenon-fuzz list passes");
    passes.push_back({word.str(), ""});
  }
  return passes;
}

llvm::json::Object tenon::fuzz::toJson(const CampaignOptions &options) {
  llvm::json::Object object{{"runs", options.runs},
                            {"seconds", options.seconds},
                            {"workers", options.workers},
                            {"seed", options.seed},
                            {"policy", std::string(nameOf(options.policy))},
                            {"oracles", printOracles(options.oracles)},
                            {"feedback", printFeedback(options.feedback)},
                            {"guards", options.guards},
                            {"native_share", options.nativeShare},
                            {"timeout", options.timeout},
                            {"memory", options.memory},
                            {"text", options.text},
                            {"recycle", options.recycle},
                            {"corpus_cases", options.corpusCases},
                            {"corpus_bytes", options.corpusBytes}};
  if (options.observe)
    object["observe"] = printFeedback(options.observe);
  if (!options.passes.empty())
    object["passes"] = printPassNames(options.passes);
  if (!options.fault.empty())
    object["fault"] = options.fault;
  return object;
}

namespace {
/// Reads fields of an object; the first one of a wrong kind is the error.
class FieldReader {
public:
  explicit FieldReader(const llvm::json::Object &object) : object(object) {}

  template <typename Number> void number(StringRef name, Number &value) {
    const llvm::json::Value *field = object.get(name);
    if (!field || !wrong.empty())
      return;
    if constexpr (std::is_floating_point_v<Number>) {
      std::optional<double> found = field->getAsNumber();
      if (found && *found >= 0)
        value = *found;
      else
        wrong = name;
    } else {
      std::optional<uint64_t> found = field->getAsUINT64();
      if (found && *found <= std::numeric_limits<Number>::max())
        value = Number(*found);
      else
        wrong = name;
    }
  }

  void flag(StringRef name, bool &value) {
    if (const llvm::json::Value *field = object.get(name); field && wrong.empty()) {
      if (std::optional<bool> found = field->getAsBoolean())
        value = *found;
      else
        wrong = name;
    }
  }

  /// `set` takes the text and returns an error.
  template <typename Set> void text(StringRef name, Set set) {
    const llvm::json::Value *field = object.get(name);
    if (!field || !wrong.empty())
      return;
    std::optional<StringRef> found = field->getAsString();
    llvm::Error error = found ? set(*found) : llvm::createStringError("no text");
    if (error)
      wrong = name.str() + ": " + llvm::toString(std::move(error));
  }

  llvm::Error take() {
    if (wrong.empty())
      return llvm::Error::success();
    return llvm::createStringError("field '" + wrong + "' has a value of a wrong kind");
  }

private:
  const llvm::json::Object &object;
  std::string wrong;
};
} // namespace

/// What sets `value` from a text by a parser.
template <typename Value, typename Parse> static auto parsed(Value &value, Parse parse) {
  return [&value, parse](StringRef text) -> llvm::Error {
    auto result = parse(text);
    if (!result)
      return result.takeError();
    value = *result;
    return llvm::Error::success();
  };
}

llvm::Error tenon::fuzz::readJson(const llvm::json::Object &object, CampaignOptions &options) {
  FieldReader reader(object);
  auto keep = [](StringRef text) -> llvm::Expected<std::string> { return text.str(); };
  reader.number("runs", options.runs);
  reader.number("seconds", options.seconds);
  reader.number("workers", options.workers);
  reader.number("seed", options.seed);
  reader.text("policy", parsed(options.policy, parsePolicy));
  reader.text("oracles", parsed(options.oracles, parseOracles));
  reader.text("feedback", parsed(options.feedback, parseFeedback));
  reader.text("observe", parsed(options.observe, parseFeedback));
  reader.text("passes", parsed(options.passes, parsePassNames));
  reader.flag("guards", options.guards);
  reader.number("native_share", options.nativeShare);
  reader.number("timeout", options.timeout);
  reader.number("memory", options.memory);
  reader.text("text", parsed(options.text, keep));
  reader.number("recycle", options.recycle);
  reader.number("corpus_cases", options.corpusCases);
  reader.number("corpus_bytes", options.corpusBytes);
  reader.text("fault", parsed(options.fault, keep));
  return reader.take();
}
