// The precompiled header is attached to this file; the other libraries reuse it.
