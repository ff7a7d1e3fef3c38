// The self-test at start and on request: RAM, the image in flash, clocks, known answers. Its result decides
// whether the monitor regulates at all.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/crc.hpp"
#include "base/text.hpp"

namespace app {

/// What the self-test needs to know about the board.
class TestBench {
public:
    /// The running image without its own check sum word, in two parts.
    struct Image {
        Bytes before, after;
        std::uint32_t stored_crc;
    };
    [[nodiscard]] virtual Image image() const = 0;
    [[nodiscard]] virtual std::span<volatile std::uint32_t> scratch() = 0;
    /// Ticks of the processor clock that passed while the peripheral clock counted `microseconds`.
    [[nodiscard]] virtual std::uint32_t processor_ticks_in(std::uint32_t microseconds) = 0;
    [[nodiscard]] virtual std::uint32_t processor_hertz() const = 0;

protected:
    ~TestBench() = default;
};

class SelfTest {
public:
    static constexpr std::size_t steps = 7;
    enum class Verdict : std::uint8_t { not_run, passed, failed };

    /// Runs everything, also after a failure. True when all passed.
    bool run(TestBench& bench);
    void report(Sink& out) const;
    [[nodiscard]] bool passed() const { return first_failed_ == steps && verdicts_[0] != Verdict::not_run; }
    /// Index of the first step that failed; `steps` when none did.
    [[nodiscard]] std::size_t first_failed() const { return first_failed_; }

private:
    std::array<Verdict, steps> verdicts_{};
    std::size_t first_failed_ = steps;
};

}  // namespace app
