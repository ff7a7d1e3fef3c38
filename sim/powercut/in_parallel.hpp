// sim/powercut: lives told by several threads at once, each of them a stretch of each life on a board of its own.
#pragma once

#include "sim/powercut/life.hpp"

namespace sb::sim {

/// What check() says of each of `lives`, of all its stretches together. `threads` from 1. No stretch is begun any more
/// once one has ended badly; `operations_hit` may then be less than `operations`.
/// Tells `on_progress`, in one thread at a time, how far all is, in parts of a thousand. Throws what check() throws.
[[nodiscard]] std::vector<LifeReport> check_in_parallel(const BoardSpec& spec, const BoardIdentity& identity,
                                                        const Cast& cast, std::span<const LifeOptions> lives,
                                                        unsigned threads,
                                                        const std::function<void(std::uint64_t)>& on_progress = {});

}  // namespace sb::sim
