#include "console/commands.hpp"

#include <array>

#include "application.hpp"
#include "base/parse.hpp"
#include "base/release.hpp"
#include "console/handlers.hpp"

namespace app {
namespace {

struct Command {
    std::string_view name;
    std::string_view usage;
    std::string_view help;
    void (*run)(Application&, std::string_view);
    bool present = true;
};

void help(Application& app, std::string_view args);

constexpr std::array<Command, 18> commands{{
    {"help", "[COMMAND]", "list the commands, or explain one", help},
    {"version", "", "what this is and which release", handlers::version},
    {"status", "", "what the room and the machine do", handlers::status},
    {"sensors", "", "every channel: value, change a minute, raw counts, rejected samples", handlers::sensors},
    {"selftest", "", "run the self-test again and print its steps", handlers::selftest},
    {"log", "[debug|info|warning|error|clear]", "events since the start, the oldest first", handlers::log},
    {"get", "[NAME]", "one parameter, or all of them", handlers::get},
    {"set", "NAME VALUE", "change a parameter; 'save' keeps it", handlers::set},
    {"save", "", "write the parameters to flash", handlers::save},
    {"defaults", "", "bring the parameters back to their defaults (not saved)", handlers::defaults},
    {"alarms", "", "every alarm rule and its state", handlers::alarms},
    {"ack", "", "acknowledge all alarms", handlers::acknowledge},
    {"defrost", "", "start a defrost now", handlers::defrost},
    {"door", "open|closed", "move the door of the simulated room", handlers::door},
    {"eco", "on|off", "use the set-back temperature", handlers::eco},
    {"bus", "HEX…", "handle a Modbus frame (without its check sum) and print the answer", handlers::bus},
    {"tasks", "", "the scheduler's tasks: period, runs, worst lateness", handlers::tasks},
    {"trend", "[clear]", "statistics by the quarter of an hour, as a picture", handlers::trend, release::has_trend},
}};

const Command* find(std::string_view word) {
    for (const Command& c : commands) {
        if (c.present && c.name == word) return &c;
    }
    for (const Command& c : commands) {
        if (c.present && abbreviates(word, c.name)) return &c;
    }
    return nullptr;
}

void help(Application& app, std::string_view args) {
    const std::string_view word = next_word(args);
    if (!word.empty()) {
        const Command* c = find(word);
        if (c == nullptr) {
            print(app.out(), "no command '{}'\n", word);
            return;
        }
        print(app.out(), "{} {}\n  {}\n", c->name, c->usage, c->help);
        return;
    }
    for (const Command& c : commands) {
        if (c.present) print(app.out(), "  {:9} {}\n", c.name, c.help);
    }
}

}  // namespace

void run_command(Application& app, std::string_view line) {
    const std::string_view word = next_word(line);
    if (word.empty()) return;
    const Command* c = find(word);
    if (c == nullptr) {
        print(app.out(), "no command '{}'; try 'help'\n", word);
        return;
    }
    c->run(app, line);
}

}  // namespace app
