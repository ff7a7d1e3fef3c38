#include "selftest/selftest.hpp"

#include "selftest/known_answers.hpp"
#include "selftest/ram_march.hpp"

namespace app {
namespace {

bool test_ram(TestBench& bench) {
    return ram_march(bench.scratch());
}

bool test_image(TestBench& bench) {
    const TestBench::Image image = bench.image();
    return crc32(image.after, crc32(image.before)) == image.stored_crc;
}

/// Two clocks that come from different oscillators must agree within an eighth. An interrupt between two readings
/// spoils a try, so there are three.
bool test_clock(TestBench& bench) {
    constexpr std::uint32_t microseconds = 2000;
    const std::uint32_t expected = bench.processor_hertz() / 1000000 * microseconds;
    for (int tries = 0; tries < 3; ++tries) {
        const std::uint32_t counted = bench.processor_ticks_in(microseconds);
        if (counted > expected - expected / 8 && counted < expected + expected / 8) return true;
    }
    return false;
}

struct Step {
    std::string_view name;
    bool (*function)(TestBench&);
};

constexpr std::array<Step, SelfTest::steps> step_table{{
    {"RAM, March C-", test_ram},
    {"image in flash, CRC-32", test_image},
    {"clocks agree", test_clock},
    {"filters, known answer", [](TestBench&) { return filter_known_answer(); }},
    {"check sums, known answer", [](TestBench&) { return crc_known_answer(); }},
    {"sensors, known answer", [](TestBench&) { return sensor_known_answer(); }},
    {"arithmetic, known answer", [](TestBench&) { return arithmetic_known_answer(); }},
}};

}  // namespace

bool SelfTest::run(TestBench& bench) {
    first_failed_ = steps;
    for (std::size_t i = 0; i < steps; ++i) {
        const bool good = step_table[i].function(bench);
        verdicts_[i] = good ? Verdict::passed : Verdict::failed;
        if (!good && first_failed_ == steps) first_failed_ = i;
    }
    return passed();
}

void SelfTest::report(Sink& out) const {
    constexpr std::array<std::string_view, 3> words{"not run", "ok", "FAILED"};
    for (std::size_t i = 0; i < steps; ++i) {
        print(out, "  {:28}{}\n", step_table[i].name, words[static_cast<std::size_t>(verdicts_[i])]);
    }
    print(out, passed() ? "self-test: passed\n" : "self-test: FAILED\n");
}

}  // namespace app
