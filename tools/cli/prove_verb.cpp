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

/// One explored device, and how far.
struct Proof {
    sim::BoardSpec board;
    unsigned cuts = 2;
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

/// All of it at once is more than fits a few minutes: update mode, where the scheme can do without, is left out where
/// there is a factory image and more than one cut in a row. What rewrites images in place takes more operations than
/// what moves them, and in update mode it does what `single` does, too: two cuts in a row come without that.
std::vector<Proof> proofs_for(const sim::BoardSpec& board, unsigned cuts) {
    const prove::SchemePromise& scheme = prove::promise_of(board.scheme);
    const bool golden = board.golden_units != 0;
    if (!scheme.by_patch)
        return {{.board = board, .cuts = cuts, .update_mode = scheme.receives_over_old || !golden || cuts < 2}};
    const unsigned few = std::min(cuts, 1U);
    if (golden) return {{.board = board, .cuts = few, .update_mode = false}};
    std::vector<Proof> proofs{{.board = board, .cuts = few, .update_mode = true}};
    if (cuts > few) proofs.push_back({.board = board, .cuts = cuts, .update_mode = false});
    return proofs;
}

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

void prove_one(Proof& proof) {
    StatesShown shown(fmt::format("{} {}", prove::promise_of(proof.board.scheme).name, golden_text(proof.board)));
    const auto start = std::chrono::steady_clock::now();
    proof.report = prove::prove(proof.board, {.cuts = static_cast<std::uint8_t>(proof.cuts),
                                              .update_mode = proof.update_mode,
                                              .on_progress = [&](auto done, auto left) { shown.update(done, left); }});
    proof.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Json proof_json(const Proof& proof) {
    const prove::ExploreReport& report = proof.report;
    Json json;
    json["factory_image"] = proof.board.golden_units != 0;
    json["update_mode_asked_for"] = proof.update_mode;
    json["cuts_in_a_row"] = proof.cuts;
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

std::string proof_text(const Proof& proof) {
    const prove::ExploreReport& report = proof.report;
    std::string text = fmt::format(
        "{} {}{}: {} states, {} transitions, {} of them power cuts (at most {} in a row); deepest story {} steps; "
        "{:.1f} s\n",
        prove::promise_of(proof.board.scheme).name, golden_text(proof.board),
        proof.update_mode ? "" : ", without update mode", report.states, report.transitions, report.cuts, proof.cuts,
        report.deepest, proof.seconds);
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
        for (Proof& proof : proofs_for(board, options.cuts)) {
            prove_one(proof);
            proven = proven && proof.report.complete && proof.report.objection.empty();
            text += proof_text(proof);
            proofs.push_back(std::move(proof));
        }
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
        "  switchback sim prove --scheme inplace\n"
        "  switchback sim prove --layout stm32g4 --cuts 1 --json",
        [&shell, options] { run_prove(shell, *options); });
    verb->add_option("--scheme", options->scheme, "how images get to run: " + prove::scheme_names());
    verb->add_option("--layout", options->layout,
                     "scheme and kind of flash of FILE.toml or of a shipped layout, in small");
    verb->add_option("--cuts", options->cuts,
                     "power cuts in a row, their number in all is not bounded (inplace with a factory image, or in "
                     "update mode: 1 at most)")
        ->check(CLI::Range(0, 6))
        ->capture_default_str();
}

}  // namespace sb::cli
