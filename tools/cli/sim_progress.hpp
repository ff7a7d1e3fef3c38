// tools/cli: how far a long simulation is, on a terminal.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace sb::cli {

/// In tales, and in parts of each.
class TaleProgress {
public:
    explicit TaleProgress(std::size_t tales) : tales_(tales), shown_(::isatty(STDERR_FILENO) == 1) {}
    TaleProgress(const TaleProgress&) = delete;
    TaleProgress& operator=(const TaleProgress&) = delete;
    ~TaleProgress() {
        if (drawn_) std::fputs("\r\033[K", stderr);
    }
    void begin(std::string what) { what_ = std::move(what); }
    void end() { ++told_; }
    /// Since it was made.
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }
    void update(std::uint64_t thousandths) {
        const auto now = std::chrono::steady_clock::now();
        if (!shown_ || (drawn_ && now - last_ < std::chrono::milliseconds(100))) return;
        last_ = now;
        drawn_ = true;
        const double part =
            (static_cast<double>(told_) + static_cast<double>(thousandths) / 1000) / static_cast<double>(tales_);
        const double gone = std::chrono::duration<double>(now - start_).count();
        const auto filled = static_cast<std::size_t>(part * 30);
        fmt::print(stderr, "\r[{}{}] {:3.0f} %, {:.0f} s left: {}\033[K", std::string(filled, '#'),
                   std::string(30 - filled, '.'), part * 100, part > 0 ? gone / part - gone : 0, what_.substr(0, 40));
    }

private:
    std::size_t tales_;
    bool shown_;
    bool drawn_ = false;
    std::size_t told_ = 0;
    std::string what_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_;
};

}  // namespace sb::cli
