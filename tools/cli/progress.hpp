// tools/cli: a progress bar with rate and time left, on standard error and only when that is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sb::cli {

class ProgressBar {
public:
    /// `total` in bytes; 0 when it is not known.
    ProgressBar(std::string label, std::uint64_t total);
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    /// Takes the bar off the screen.
    ~ProgressBar();

    /// Draws at most ten times a second.
    void update(std::uint64_t done);

    /// The bar as text of at most `columns` characters; pure, for tests.
    [[nodiscard]] static std::string line(const std::string& label, std::uint64_t done, std::uint64_t total,
                                          double seconds, std::size_t columns);

private:
    using Clock = std::chrono::steady_clock;

    std::string label_;
    std::uint64_t total_;
    bool shown_;
    bool drawn_ = false;
    Clock::time_point start_;
    Clock::time_point last_;
};

}  // namespace sb::cli
