"""tenon.register: the planner under a name, in the libraries that find paths by name."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from ._path_plan import Labels

__all__ = ["register"]


class _Named:
    """What the libraries keep; a later registration of the name changes what it does."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        self._optimizer: Any = None

    def configure(self, options: dict[str, Any]) -> None:
        from ._optimizer import Optimizer

        self._optimizer = Optimizer(**options)
        self.options = options

    def __call__(self, *arguments: Any, **keywords: Any) -> list[tuple[int, ...]]:
        path: list[tuple[int, ...]] = self._optimizer(*arguments, **keywords)
        return path

    def tree(self, inputs: Sequence[Labels], output: Labels, size_dict: Mapping[Hashable, int], **keywords: Any) -> Any:
        return self._optimizer.search(inputs, output, size_dict)

    def trial(
        self,
        inputs: Sequence[Labels],
        output: Labels,
        size_dict: Mapping[Hashable, int],
        seed: int = 0,
        restarts: int = 16,
        **keywords: Any,
    ) -> Any:
        """One trial of cotengra's HyperOptimizer, which varies the seed and the restarts."""
        from ._optimizer import Optimizer

        options = {"threads": 1, "restarts": restarts, **self.options, "seed": seed}
        return Optimizer(**options, **keywords).search(inputs, output, size_dict)


_named: dict[str, _Named] = {}


def register(name: str = "tenon", **options: Any) -> tuple[str, ...]:
    """Registers tenon.Optimizer(**options) under `name` with opt_einsum and cotengra, as far as they are installed.

    After ``tenon.register()`` these work: ``opt_einsum.contract(…, optimize="tenon")`` and contract_path; presets of
    cotengra, and so of quimb, ``optimize="tenon"``, slices included; ``cotengra.HyperOptimizer(methods=["tenon"])``,
    each trial of which is a search of one thread with another seed. ``tenon.register("tenon-10s", time_limit=10)``
    adds another name; registering a name again changes its options.

    Importing tenon registers nothing. Returns the names of the libraries. Raises ValueError, and registers nothing,
    where opt_einsum or cotengra has a path optimizer, a preset or a method of HyperOptimizer of that name, imported or
    not; and as Optimizer does.
    """
    if not isinstance(name, str) or not name or name != name.lower():
        raise ValueError(f"name must be a text in lower case, not {name!r}")
    named = _named.get(name)
    if named is not None:
        named.configure(options)
        return _installed()
    named = _Named()
    named.configure(options)
    libraries = _installed()
    # Before anything is registered: cotengra would let its own presets be replaced, and is perhaps not imported yet.
    owner = next((library for library in libraries if _TAKEN[library](name)), None)
    if owner is not None:
        raise ValueError(f"{owner} has a path optimizer {name!r} of its own: choose another name")
    if "opt_einsum" in libraries:
        from opt_einsum.paths import register_path_fn

        register_path_fn(name, named)
    if "cotengra" in libraries:
        from cotengra import register_preset
        from cotengra.hyperoptimizers.hyper import register_hyper_function

        register_preset(name, named, named.tree, register_opt_einsum=False)
        register_hyper_function(
            name,
            named.trial,
            {"seed": {"type": "INT", "min": 0, "max": 2**31 - 1}, "restarts": {"type": "INT", "min": 1, "max": 32}},
        )
    _named[name] = named
    return libraries


def _is_in_opt_einsum(name: str) -> bool:
    from opt_einsum.paths import get_path_fn

    try:
        get_path_fn(name)
    except KeyError:
        return False
    return True


def _is_in_cotengra(name: str) -> bool:
    from cotengra.hyperoptimizers.hyper import list_hyper_functions
    from cotengra.interface import preset_to_optimizer

    try:
        preset_to_optimizer(name)
    except KeyError:
        return name in list_hyper_functions()
    return True


_TAKEN = {"opt_einsum": _is_in_opt_einsum, "cotengra": _is_in_cotengra}


def _installed() -> tuple[str, ...]:
    return tuple(library for library in ("opt_einsum", "cotengra") if find_spec(library) is not None)
