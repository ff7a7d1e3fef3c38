// journal_checker: proves the journal's rules as far as it can, and catches the planted violations of them.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "sim/prove/checks.hpp"

namespace {

using sb::prove::Check;
using sb::prove::Options;
using sb::prove::Report;

nlohmann::json to_json(const Check& check, const char* how, const Report& r, double seconds) {
    return {{"rules", check.name},
            {"how", how},
            {"violated", r.violated},
            {"what", r.what},
            {"story", r.story},
            {"runs", r.runs},
            {"sessions", r.sessions},
            {"cuts", r.cuts},
            {"operations", r.operations},
            {"answers", r.answers},
            {"seed", r.seed},
            {"states_after_cuts", r.states_at},
            {"cuts_survived", r.cuts_survived},
            {"complete", r.complete},
            {"sessions_run", r.traces},
            {"seconds", seconds}};
}

void print(const Check& check, const char* how, const Report& r, double seconds) {
    fmt::print("{} ({}): {}\n", check.name, check.what, how);
    if (!r.states_at.empty()) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < r.states_at.size(); ++i) {
            fmt::print("  after {} cuts in a row: {} new states\n", i, r.states_at[i]);
            sum += r.states_at[i];
        }
        fmt::print("  {} states, {} sessions of the real journal, {:.1f} s{}\n", sum, r.traces, seconds,
                   r.complete ? "" : "; ended by --max-states");
        if (!r.violated) fmt::print("  stands {} cuts in a row\n", r.cuts_survived);
    } else {
        fmt::print("  {} runs, {} sessions, {} operations, {} cuts, {} answers, {:.1f} s\n", r.runs, r.sessions,
                   r.operations, r.cuts, r.answers, seconds);
        if (!r.violated) fmt::print("  no answer was contradicted\n");
    }
    if (!r.violated) return;
    fmt::print("  VIOLATED: {}\n", r.what);
    for (const std::string& line : r.story) fmt::print("    {}\n", line);
    if (r.seed != 0) fmt::print("  seed of that run: {}\n", r.seed);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Checks the journal's rules on the real code: random runs with power cuts, and an exploration of every "
        "session, cut and reading up to a number of cuts in a row."};
    Options options;
    std::string plant;
    std::string how = "both";
    std::uint32_t pages = 4;
    bool json = false;
    bool list = false;
    app.add_option("--runs", options.runs, "random runs")->capture_default_str();
    app.add_option("--sessions", options.sessions, "sessions a random run")->capture_default_str();
    app.add_option("--seed", options.seed, "seed of the first random run")->capture_default_str();
    app.add_option("--pages", pages, "journal pages")->check(CLI::Range(3, 4))->capture_default_str();
    app.add_option("--records", options.records, "records a page")->check(CLI::Range(4, 6))->capture_default_str();
    app.add_option("--cuts", options.cuts, "cuts in a row to explore")->capture_default_str();
    app.add_option("--max-states", options.max_states, "end the exploration there")->capture_default_str();
    app.add_flag("--all-outcomes", options.all_outcomes, "explore every outcome class, not only those that dominate");
    app.add_option("--how", how, "random, explore or both")->check(CLI::IsMember({"random", "explore", "both"}));
    app.add_option("--plant", plant, "break a rule (--list names them) and show that it is caught");
    app.add_flag("--list", list, "list the planted violations");
    app.add_flag("--json", json, "one JSON object a check");
    CLI11_PARSE(app, argc, argv);

    if (list) {
        for (const Check& c : sb::prove::checks())
            if (!c.holds) fmt::print("{:18} {}\n", c.name, c.what);
        return 0;
    }
    const Check* check = sb::prove::find_check(!plant.empty() ? plant : pages == 4 ? "product" : "three-pages");
    if (check == nullptr) {
        fmt::print(stderr, "error: no rules of the name {}; --list names them\n", plant);
        return 2;
    }
    bool violated = false;
    const auto run = [&](const char* name, Report (*function)(const Options&)) {
        const auto start = std::chrono::steady_clock::now();
        const Report report = function(options);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        violated = violated || report.violated;
        if (json) {
            fmt::print("{}\n", to_json(*check, name, report, seconds).dump());
        } else {
            print(*check, name, report, seconds);
        }
    };
    if (how != "explore") run("random runs", check->run_random);
    if (how != "random") run("exploration", check->explore);
    return violated ? 1 : 0;
}
