// measured FD COMMAND [ARGUMENT…]: runs the command and writes to descriptor FD what it took: nanoseconds, microseconds
// of processor time, peak memory in KB, and how it ended (as wait4 says it). A program of its own, without the C++
// library: what the system tells as the peak of a child is at least the memory of the process that started it, and a
// script has more than many a patch needs.
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

long long nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

long long microseconds(const timeval& time) {
    return time.tv_sec * 1000000LL + time.tv_usec;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const int report = std::atoi(argv[1]);
    const long long started = nanoseconds();
    pid_t child = 0;
    if (posix_spawnp(&child, argv[2], nullptr, nullptr, argv + 2, environ) != 0) return 1;
    int status = 0;
    rusage usage{};
    if (wait4(child, &status, 0, &usage) != child) return 1;
    const long long took = nanoseconds() - started;
    dprintf(report, "%lld %lld %ld %d\n", took, microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
            usage.ru_maxrss, status);
    return 0;
}
