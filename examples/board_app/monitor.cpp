// The cold-room monitor (examples/app) as the program of a board that is updated: tests itself as it does on its own,
// then works beside the console of board_app. Its commands are those lines that board_app does not know, e.g. help.
#include <algorithm>
#include <array>

#include "application.hpp"
#include "board/nrf51/bench.hpp"
#include "board/nrf51/leds.hpp"
#include "examples/board_app/bounds.hpp"
#include "examples/board_app/temper.hpp"
#include "ports/port.hpp"

namespace sb::board_app {

namespace {

class Console final : public app::Sink {
public:
    void put(char c) override { port::put_byte(static_cast<std::uint8_t>(c)); }
};

/// What is set lasts until the next start: the board's layout leaves no two pages for it.
class PagesInMemory final : public app::ConfigPages {
public:
    [[nodiscard]] Page read(unsigned page) const override { return pages_[page & 1U]; }
    [[nodiscard]] bool replace(unsigned page, std::span<const std::uint32_t> words) override {
        Page& to = pages_[page & 1U];
        to.fill(~0U);
        std::copy(words.begin(), words.end(), to.begin());
        return true;
    }

private:
    std::array<Page, 2> pages_{};
};

/// The timer counts microseconds and begins again after 71 minutes; this one goes on.
class Clock {
public:
    std::uint32_t milliseconds() {
        const std::uint32_t passed = (port::microseconds() - from_) / 1000;
        from_ += passed * 1000;
        return now_ += passed;
    }

private:
    std::uint32_t from_ = 0, now_ = 0;
};

app::Application& monitor() {
    static Console console;
    static app::nrf51::Leds leds;
    static PagesInMemory pages;
    static app::nrf51::Bench bench;
    static app::Application application({"nRF51822", &console, &pages, &bench, &leds});
    return application;
}

constinit Clock timer;

}  // namespace

bool self_test() {
    app::Application& application = monitor();
    application.start(timer.milliseconds());
    return application.self_test().passed();
}

void work() {
    static_cast<void>(monitor().run_one(timer.milliseconds()));
}

bool obey_too(std::string_view line) {
    for (const char c : line) monitor().typed(c);
    monitor().typed('\r');
    return true;
}

}  // namespace sb::board_app
