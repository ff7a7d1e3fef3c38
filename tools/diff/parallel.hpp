// tools/diff: the same work on one core or on two. Tasks are numbered; what each does must not depend on who runs it.
#pragma once

#include <cstddef>
#include <functional>

namespace sb::diff {

/// `wished`, or, if that is 0, two where there are two cores.
[[nodiscard]] unsigned thread_count(unsigned wished);

/// Runs task(0) to task(count - 1) on up to `threads` threads and waits for all. Rethrows the exception of the first
/// task, by number, that threw one.
void run_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task);

}  // namespace sb::diff
