// switchback sim prove
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <memory>

#include "sim/prove/prove.hpp"
#include "tools/cli/sim_boards.hpp"
#include "tools/cli/verbs.hpp"

namespace sb::cli {
namespace {

struct ProveOptions {
    std::string scheme;
    std::string layout;
    unsigned cuts = 2;
};

/// One explored device.
struct Proof {
    sim::BoardSpec board;
    bool update_mode = true;
    prove::ExploreReport report{};
    double seconds = 0;
};

const char* golden_text(const sim::BoardSpec& board) {
    return board.golden_units != 0 ? "with a factory image" : "without a factory image";
}

/// How many states are known and how many of them are still to be gone into, on a terminal.
class StatesShown {
public:
    StatesShown(const StatesShown&) = delete;
    StatesShown& operator=(const StatesShown&) = delete;
    explicit StatesShown(std::string what) : what_(std::move(what)), shown_(::isatty(STDERR_FILENO) == 1) {}
    ~StatesShown() {
        if (drawn_) std::fputs("\r\033[K", stderr);
    }
    void update(std::uint64_t done, std::uint64_t left) {
        const auto now = std::chrono::steady_clock::now();
        if (!shown_ || (drawn_ && now - last_ < std::chrono::milliseconds(100))) return;
        last_ = now;
        drawn_ = true;
        fmt::print(stderr, "\r{}: {} states done, {} still open\033[K", what_, done, left);
    }

private:
    std::string what_;
    bool shown_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_;
};

/// Without a layout a device of each kind: with a factory image and without.
std::vector<sim::BoardSpec> boards_for(const ProveOptions& options) {
    if (options.scheme.empty() && options.layout.empty())
        throw Failure(Exit::usage, "no scheme", "", "give --scheme or --layout");
    if (!options.layout.empty()) {
        const sim::BoardSpec board = prove::small_board(board_of(options.layout).spec);
        const std::string scheme = prove::promise_of(board.scheme).name;
        if (!options.scheme.empty() && options.scheme != scheme)
            throw Failure(Exit::usage, fmt::format("the layout's scheme is {}, not {}", scheme, options.scheme),
                          options.layout, "leave --scheme out");
        return {board};
    }
    const prove::SchemePromise* const scheme = prove::find_promise(options.scheme);
    if (scheme == nullptr)
        throw Failure(Exit::usage, "there is no scheme " + options.scheme, "",
                      "choose one of: " + prove::scheme_names());
    sim::BoardSpec plain = prove::small_board(scheme->scheme);
    sim::BoardSpec with_golden = plain;
    with_golden.golden_units = plain.slot_units;
    return {plain, with_golden};
}

Proof prove_one(const sim::BoardSpec& board, const ProveOptions& options) {
    StatesShown shown(fmt::format("{} {}", prove::promise_of(board.scheme).name, golden_text(board)));
    // All of it at once, several cuts in a row included, is more than fits a few minutes.
    const bool needed = prove::promise_of(board.scheme).receives_over_old;
    const bool update_mode = needed || board.golden_units == 0 || options.cuts < 2;
    const auto start = std::chrono::steady_clock::now();
    Proof proof{.board = board, .update_mode = update_mode};
    proof.report = prove::prove(board, {.cuts = static_cast<std::uint8_t>(options.cuts),
                                        .update_mode = update_mode,
                                        .on_progress = [&](auto done, auto left) { shown.update(done, left); }});
    proof.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return proof;
}

Json proof_json(const Proof& proof) {
    const prove::ExploreReport& report = proof.report;
    Json json;
    json["factory_image"] = proof.board.golden_units != 0;
    json["update_mode_asked_for"] = proof.update_mode;
    json["proven"] = report.complete && report.objection.empty();
    json["states"] = report.states;
    json["transitions"] = report.transitions;
    json["cuts"] = report.cuts;
    json["deepest_story"] = report.deepest;
    json["seconds"] = proof.seconds;
    if (report.objection.empty()) return json;
    json["objection"] = report.objection;
    json["operations"] = report.operations;
    json["story"] = report.story;
    return json;
}

Json answer_json(const std::vector<Proof>& proofs, const ProveOptions& options) {
    Json json;
    json["scheme"] = prove::promise_of(proofs.front().board.scheme).name;
    if (!options.layout.empty()) json["layout"] = proofs.front().board.name;
    json["cuts_in_a_row"] = options.cuts;
    std::uint64_t states = 0;
    std::uint64_t transitions = 0;
    std::uint64_t deepest = 0;
    bool proven = true;
    Json devices = Json::array();
    for (const Proof& proof : proofs) {
        states += proof.report.states;
        transitions += proof.report.transitions;
        deepest = std::max(deepest, proof.report.deepest);
        proven = proven && proof.report.complete && proof.report.objection.empty();
        devices.push_back(proof_json(proof));
    }
    json["proven"] = proven;
    json["states"] = states;
    json["transitions"] = transitions;
    json["deepest_story"] = deepest;
    json["devices"] = devices;
    return json;
}

std::string proof_text(const Proof& proof, const ProveOptions& options) {
    const prove::ExploreReport& report = proof.report;
    std::string text = fmt::format(
        "{} {}: {} states, {} transitions, {} of them power cuts (at most {} in a row); deepest story {} steps; "
        "{:.1f} s\n",
        prove::promise_of(proof.board.scheme).name, golden_text(proof.board), report.states, report.transitions,
        report.cuts, options.cuts, report.deepest, proof.seconds);
    if (!report.objection.empty()) {
        text += fmt::format("  {}, after {} steps:\n", report.objection, report.operations);
        for (std::size_t i = 0; i < report.story.size(); ++i)
            text += fmt::format("  {:>2}  {}\n", i + 1, report.story[i]);
    } else if (report.complete) {
        text += "  no state is left, and none of them breaks a promise\n";
    } else {
        text += "  not finished: there are more states than fit\n";
    }
    return text;
}

void run_prove(Shell& shell, const ProveOptions& options) {
    std::vector<Proof> proofs;
    bool proven = true;
    std::string text;
    for (const sim::BoardSpec& board : boards_for(options)) {
        proofs.push_back(prove_one(board, options));
        const prove::ExploreReport& report = proofs.back().report;
        proven = proven && report.complete && report.objection.empty();
        text += proof_text(proofs.back(), options);
    }
    shell.answer(answer_json(proofs, options), text);
    if (!proven) shell.leave_with(Exit::no);
}

}  // namespace

void add_prove_verb(CLI::App& group, Shell& shell) {
    auto options = std::make_shared<ProveOptions>();
    CLI::App* verb = shell.verb(
        group, "prove", "Explore every state that a small device of a scheme can get into, whatever happens to it",
        "  switchback sim prove --scheme swap\n"
        "  switchback sim prove --layout stm32g4 --cuts 1 --json",
        [&shell, options] { run_prove(shell, *options); });
    verb->add_option("--scheme", options->scheme, "how images get to run: " + prove::scheme_names());
    verb->add_option("--layout", options->layout,
                     "scheme and kind of flash of FILE.toml or of a shipped layout, in small");
    verb->add_option("--cuts", options->cuts, "power cuts in a row; their number in all is not bounded")
        ->check(CLI::Range(0, 6))
        ->capture_default_str();
}

}  // namespace sb::cli
