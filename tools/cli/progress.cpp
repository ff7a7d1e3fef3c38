#include "tools/cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sb::cli {
namespace {

std::size_t terminal_columns() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

std::string show_rate(double bytes_per_second) {
    if (bytes_per_second >= 1e6) return fmt::format("{:.1f} MB/s", bytes_per_second / 1e6);
    if (bytes_per_second >= 1e3) return fmt::format("{:.1f} kB/s", bytes_per_second / 1e3);
    return fmt::format("{:.0f} B/s", bytes_per_second);
}

std::string show_time(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

ProgressBar::ProgressBar(std::string label, std::uint64_t total)
    : label_(std::move(label)), total_(total), shown_(::isatty(STDERR_FILENO) == 1), start_(Clock::now()) {}

ProgressBar::~ProgressBar() {
    if (drawn_) std::fputs("\r\033[K", stderr);
}

std::string ProgressBar::line(const std::string& label, std::uint64_t done, std::uint64_t total, double seconds,
                              std::size_t columns) {
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    if (total == 0) return fmt::format("{} {} bytes {}", label, done, show_rate(rate)).substr(0, columns);
    const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const double left = rate > 0 ? static_cast<double>(total - std::min(done, total)) / rate : 0;
    const std::string tail =
        fmt::format(" {:3.0f} % {:>10} {} left", part * 100, show_rate(rate), rate > 0 ? show_time(left) : "?");
    const std::size_t fixed = label.size() + tail.size() + 3;
    const std::size_t width = columns > fixed + 4 ? std::min<std::size_t>(columns - fixed, 40) : 0;
    if (width == 0) return (label + tail).substr(0, columns);
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
    return fmt::format("{} [{}{}]{}", label, std::string(filled, '#'), std::string(width - filled, '.'), tail);
}

void ProgressBar::update(std::uint64_t done) {
    if (!shown_) return;
    const auto now = Clock::now();
    if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    std::fputs(("\r" + line(label_, done, total_, seconds, terminal_columns() - 1) + "\033[K").c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace sb::cli
