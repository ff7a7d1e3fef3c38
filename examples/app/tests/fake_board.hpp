// A board for tests: the console is a string, flash pages are arrays, the self-test's bench can be broken.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "application.hpp"

namespace app {

class StringSink final : public Sink {
public:
    void put(char c) override { text += c; }
    /// What was printed since the last take().
    std::string take() {
        std::string t;
        t.swap(text);
        return t;
    }
    std::string text;
};

class FakePages final : public ConfigPages {
public:
    FakePages() {
        for (Page& p : pages) p.fill(0xffffffff);
    }
    [[nodiscard]] Page read(unsigned page) const override { return pages.at(page); }
    [[nodiscard]] bool replace(unsigned page, std::span<const std::uint32_t> words) override {
        ++writes;
        pages.at(page).fill(0xffffffff);
        for (std::size_t i = 0; i < words.size() && i < power_fails_after_words; ++i) pages.at(page)[i] = words[i];
        return words.size() <= power_fails_after_words;
    }
    std::array<Page, 2> pages{};
    std::size_t power_fails_after_words = 1000;
    int writes = 0;
};

class FakeBench final : public TestBench {
public:
    [[nodiscard]] Image image() const override {
        return {{before.data(), before.size()}, {after.data(), after.size()}, stored_crc};
    }
    [[nodiscard]] std::span<volatile std::uint32_t> scratch() override { return ram; }
    [[nodiscard]] std::uint32_t processor_ticks_in(std::uint32_t microseconds) override {
        return microseconds * ticks_a_microsecond;
    }
    [[nodiscard]] std::uint32_t processor_hertz() const override { return 16000000; }

    std::vector<std::uint8_t> before{1, 2, 3, 4}, after{5, 6, 7, 8, 9};
    std::uint32_t stored_crc = crc32(after, crc32(before));
    std::uint32_t ticks_a_microsecond = 16;
    std::array<volatile std::uint32_t, 64> ram{};
};

class FakePins final : public MatrixPins {
public:
    void show(unsigned row, std::uint16_t columns) override { rows.at(row) = columns; }
    std::array<std::uint16_t, 3> rows{};
};

/// A whole monitor on such a board, with a clock that the test moves.
struct Monitor {
    StringSink console;
    FakePages pages;
    FakeBench bench;
    FakePins pins;
    Milliseconds now = 1000;
    Application app{{"a test", &console, &pages, &bench, &pins}};

    void start() {
        app.start(now);
        console.take();
    }
    /// Lets simulated seconds pass, a millisecond at a time where something is due.
    void run(std::uint32_t seconds) {
        const Milliseconds end = now + seconds * 1000;
        while (now != end) {
            while (app.run_one(now)) {
            }
            const Milliseconds step = app.until_next(now, end - now);
            now += step > 0 ? step : 1;
        }
    }
    /// Types a line; gives what was printed after the echo, without the prompt.
    std::string type(const std::string& line) {
        console.take();
        for (const char c : line) app.typed(c);
        console.take();
        app.typed('\r');
        std::string answer = console.take();
        if (answer.starts_with("\r\n")) answer.erase(0, 2);
        if (answer.ends_with("> ")) answer.resize(answer.size() - 2);
        return answer;
    }
};

}  // namespace app
