// switchback sim powercut
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "core/image/image.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/geometries.hpp"
#include "sim/powercut/matrix.hpp"
#include "sim/powercut/workshop.hpp"
#include "tools/cli/images.hpp"
#include "tools/cli/sim_boards.hpp"
#include "tools/cli/sim_progress.hpp"
#include "tools/cli/verbs.hpp"

namespace sb::cli {
namespace {

using sim::Row;
using sim::Tale;

struct PowercutOptions {
    std::string scheme = "xip";
    std::string layout;
    std::string geometry;
    std::string old_path;
    std::string new_path;
    std::string html;
    int depth = 1;
    std::uint64_t random_lives = 0;
    std::uint64_t seed = 1;
    bool all = false;
};

// ---- images --------------------------------------------------------------------------------------------------------

/// The program in a file: a raw one, or the one inside a signed image, which is signed anew.
Buffer program_of(const std::string& path) {
    if (Buffer raw = read_file(path); !looks_like_image(raw)) return raw;
    const ImageFile image = read_image(path);
    const auto first = image.bytes.begin() + image.info.header_bytes;
    return {first, first + static_cast<std::ptrdiff_t>(image.info.body_bytes)};
}

/// Who plays: the user's programs, or none and the checker makes its own.
struct Players {
    Buffer old_program;
    Buffer new_program;
    [[nodiscard]] bool given() const { return !old_program.empty(); }
    [[nodiscard]] std::uint32_t most_bytes() const {
        return static_cast<std::uint32_t>(std::max(old_program.size(), new_program.size()));
    }
};

constexpr std::uint32_t image_frame_bytes = 1024;  // header and TLVs

/// Makes the slots of a built-in geometry as large as the images need.
void make_room(sim::BoardSpec& board, const Players& players) {
    const std::uint32_t wanted = players.most_bytes() + image_frame_bytes;
    if (board.slot_a.empty())
        board.slot_units = std::max(board.slot_units, (wanted + board.unit_bytes - 1) / board.unit_bytes);
    const sim::BoardMap map = sim::board_map(board);
    std::uint32_t room = map.slots[0].bytes;
    if (!has_one_slot(board.scheme)) room = std::min(room, map.slots[1].bytes - sim::swap_unit_of(board));
    if (room < wanted)
        throw Failure(Exit::usage, fmt::format("the larger program needs {} bytes, a slot has {}", wanted, room), "",
                      "choose a larger --layout, or none");
}

/// A board and what is told on it.
struct Stage {
    sim::BoardSpec board;
    std::vector<Tale> tales;
};

// ---- telling -------------------------------------------------------------------------------------------------------

sim::LifeReport tell(sim::BoardSpec& board, const Tale& tale, const Players& players, const PowercutOptions& options,
                     TaleProgress& progress) {
    const sim::LifeOptions how{.story = tale.story,
                               .golden = tale.golden,
                               .wipe_journal = tale.wipe_journal,
                               .depth = options.depth,
                               .package = tale.package,
                               .reverse = tale.reverse,
                               .random_lives = options.random_lives,
                               .seed = options.seed,
                               .on_progress = [&](std::uint64_t part) { progress.update(part); }};
    if (!players.given()) return sim::check(board.scheme, board, how);
    static const sim::Workshop shop;
    OpensslCrypto crypto;
    const std::uint32_t segment = std::max<std::uint32_t>(2048, players.most_bytes() / 8 / 2048 * 2048);
    sim::Cast cast =
        shop.cast(tale.package, players.old_program, players.new_program, segment, sim::bound_slot_b(board));
    sim::BoardSpec with_golden = board;
    if (board.golden_units == 0 && (how.golden || tale.story == sim::Story::factory_reset))
        with_golden.golden_units = sim::board_map(board).slots[0].bytes / board.unit_bytes;
    if (tale.reverse) shop.add_reverse(cast, with_golden, tale.package, segment);
    return sim::check(with_golden, shop.identity(), cast, crypto, how);
}

std::vector<Row> tell_all(std::vector<Stage> stages, const Players& players, const PowercutOptions& options) {
    std::size_t tales = 0;
    for (const Stage& stage : stages) tales += stage.tales.size();
    TaleProgress progress(tales);
    std::vector<Row> rows;
    for (auto& [board, board_tales] : stages) {
        if (players.given()) make_room(board, players);
        for (const Tale& tale : board_tales) {
            progress.begin(fmt::format("{} {} {}", sim::scheme_name(board.scheme), board.name, tale.title()));
            rows.push_back({board.scheme, board, tale, tell(board, tale, players, options, progress)});
            progress.end();
        }
    }
    return rows;
}

// ---- the answer ----------------------------------------------------------------------------------------------------

Json report_json(const sim::LifeReport& report) {
    Json json;
    json["cuts"] = report.cuts;
    json["outcomes"] = {{"new", report.ended_new},
                        {"old", report.ended_old},
                        {"golden", report.ended_golden},
                        {"update_mode", report.update_mode},
                        {"dead", report.dead}};
    json["max_boots_to_settle"] = report.max_boots;
    json["max_steps_to_settle"] = report.max_steps;
    json["seconds"] = report.seconds;
    json["cuts_per_second_a_core"] =
        report.processor_seconds > 0 ? static_cast<double>(report.cuts) / report.processor_seconds : 0;
    json["distinct_states"] = report.distinct_states;
    json["merged"] = report.merged;
    json["checked"] = report.checked;
    json["operations"] = report.operations;
    json["operations_hit"] = report.operations_hit;
    json["max_unit_erases"] = report.max_unit_erases;
    json["max_journal_erases"] = report.max_journal_erases;
    if (!report.first_objection.empty()) json["first_failure"] = report.first_objection;
    return json;
}

Json head_json(const Row& row, const PowercutOptions& options) {
    Json json;
    json["scheme"] = sim::scheme_name(row.scheme);
    json["geometry"] = row.board.name;
    json["depth"] = options.random_lives != 0 ? 8 : options.depth;
    if (options.random_lives != 0) json["seed"] = options.seed;
    return json;
}

Json row_json(const Row& row) {
    Json json;
    json["story"] = row.tale.title();
    json["package"] = row.tale.package_name();
    json.update(report_json(row.report));
    return json;
}

/// One object for a single board, its tales inside; an array of tales for several.
Json rows_json(const std::vector<Row>& rows, const PowercutOptions& options, bool single) {
    Json lives = Json::array();
    sim::LifeReport sum;
    for (const Row& row : rows) {
        sum.add(row.report);
        Json json = single ? Json() : head_json(row, options);
        json.update(row_json(row));
        lives.push_back(json);
    }
    if (!single) return lives;
    Json json = head_json(rows.front(), options);
    json.update(report_json(sum));
    json["lives"] = lives;
    return json;
}

std::string rows_text(const std::vector<Row>& rows, const PowercutOptions& options) {
    std::string text =
        fmt::format("{:<5} {:<17} {:<26} {:<21} {:>9} {:>9} {:>9} {:>6} {:>6} {:>5} {:>5} {:>6}\n", "", "geometry",
                    "story", "package", "cuts", "new", "old", "golden", "update", "dead", "boots", "erases");
    sim::LifeReport sum;
    for (const Row& row : rows) {
        const sim::LifeReport& r = row.report;
        sum.add(r);
        text += fmt::format("{:<5} {:<17} {:<26} {:<21} {:>9} {:>9} {:>9} {:>6} {:>6} {:>5} {:>5} {:>6}\n",
                            sim::scheme_name(row.scheme), row.board.name, row.tale.title(), row.tale.package_name(),
                            r.cuts, r.ended_new, r.ended_old, r.ended_golden, r.update_mode, r.dead, r.max_boots,
                            r.max_unit_erases);
        if (!r.first_objection.empty()) text += r.first_objection;
        if (r.exhaustive && r.operations_hit != r.operations)
            text += fmt::format("  only {} of {} operations were cut\n", r.operations_hit, r.operations);
    }
    text += fmt::format(
        "{} power cuts in {:.1f} s ({:.0f} a second and core); {} joined a life already told; "
        "{} told in full as a check\n",
        sum.cuts, sum.seconds, static_cast<double>(sum.cuts) / std::max(sum.processor_seconds, 1e-9), sum.merged,
        sum.checked);
    if (options.random_lives != 0) text += fmt::format("seed {}\n", options.seed);
    text += sum.dead == 0 ? "no power cut left the device dead\n" : fmt::format("{} lives ended badly\n", sum.dead);
    return text;
}

std::vector<Stage> stages_for(const PowercutOptions& options) {
    if (!options.layout.empty()) {
        if (options.all || !options.geometry.empty())
            throw Failure(Exit::usage, "--layout and a geometry at once", "", "give one of them");
        const auto [board, decoders] = board_of(options.layout);
        if (!options.scheme.empty() && options.scheme != sim::scheme_name(board.scheme))
            throw Failure(
                Exit::usage,
                fmt::format("the layout's scheme is {}, not {}", sim::scheme_name(board.scheme), options.scheme),
                options.layout, "leave --scheme out");
        const std::vector<Tale> tales = sim::tales_of(board, decoders);
        if (tales.empty())
            throw Failure(Exit::no, "the layout takes no package that the checker can make", options.layout,
                          "let its decoders have raw, lzma, sbd:4K or a delta in 4 KB");
        return {{board, tales}};
    }
    std::vector<sim::BoardSpec> geometries;
    if (!options.geometry.empty()) {
        const sim::BoardSpec* const named = sim::find_geometry(options.geometry);
        if (named == nullptr) {
            std::string names;
            for (const auto& table : {sim::geometries(), sim::small_geometries()})
                for (const sim::BoardSpec& spec : table) names += " " + spec.name;
            throw Failure(Exit::usage, "there is no geometry " + options.geometry, "", "choose one of:" + names);
        }
        geometries = {*named};
    } else if (options.all) {
        const auto table = options.depth > 1 ? sim::small_geometries() : sim::geometries();
        geometries.assign(table.begin(), table.end());
    } else {
        geometries = {options.depth > 1 ? sim::small_geometries().front() : sim::geometries().front()};
    }
    std::vector<Stage> stages;
    for (const Scheme scheme :
         {Scheme::xip, Scheme::swap, Scheme::copy, Scheme::ram_load, Scheme::single, Scheme::inplace}) {
        if (options.scheme != "all" && options.scheme != sim::scheme_name(scheme)) continue;
        for (sim::BoardSpec board : geometries) {
            if (options.geometry.empty() && !sim::is_for(board, scheme)) continue;
            if (scheme == Scheme::inplace && !sim::is_for(board, scheme)) {
                if (options.scheme == "all") continue;
                throw Failure(Exit::usage, "scheme inplace needs erase units of one size", "--geometry " + board.name,
                              "choose another geometry");
            }
            board.scheme = scheme;
            stages.push_back({board, sim::tales_of(board)});
        }
    }
    return stages;
}

void run_powercut(Shell& shell, PowercutOptions options) {
    if (options.layout.empty() && options.scheme.empty()) options.scheme = "xip";
    if (options.old_path.empty() != options.new_path.empty())
        throw Failure(Exit::usage, "only one of --old and --new", "", "give both, or none");
    const std::vector<Stage> stages = stages_for(options);
    Players players;
    if (!options.old_path.empty()) players = {program_of(options.old_path), program_of(options.new_path)};
    const std::vector<Row> rows = tell_all(stages, players, options);
    if (!options.html.empty()) {
        const std::string title = options.layout.empty() ? "" : " on " + stages.front().board.name;
        write_file(options.html, sim::html_report("Every power cut" + title, rows));
    }
    shell.answer(rows_json(rows, options, stages.size() == 1 && !options.all), rows_text(rows, options));
    const bool sound = std::ranges::all_of(rows, [](const Row& row) { return row.report.sound(); });
    if (sound) return;
    shell.note("not every power cut was survived; the answer tells the first of each kind");
    shell.leave_with(Exit::no);
}

}  // namespace

void add_powercut_verb(CLI::App& group, Shell& shell) {
    auto options = std::make_shared<PowercutOptions>();
    options->scheme.clear();
    CLI::App* verb =
        shell.verb(group, "powercut", "Cut the power in every operation of an update, in every way, and see what runs",
                   "  switchback sim powercut --scheme swap --html report.html\n"
                   "  switchback sim powercut --layout nrf52840 --old old.bin --new new.bin\n"
                   "  switchback sim powercut --scheme copy --random 1000 --seed 7",
                   [&shell, options] { run_powercut(shell, *options); });
    verb->add_option("--scheme", options->scheme, "how images get to run; 'all': each of them")
        ->check(CLI::IsMember({"xip", "swap", "copy", "ram-load", "single", "inplace", "all"}));
    verb->add_option("--layout", options->layout, "flash, slots and scheme of FILE.toml or of a shipped layout");
    verb->add_option("--geometry", options->geometry,
                     "one of the built-in flash parts; without it 64 KB in 1 KB units");
    verb->add_flag("--all", options->all, "every built-in flash part; JSON is an array");
    verb->add_option("--depth", options->depth, "2: one more cut everywhere in the recovery from each")
        ->check(CLI::Range(1, 2))
        ->capture_default_str();
    verb->add_option("--random", options->random_lives, "in place of every cut: this many lives with up to 8 cuts")
        ->transform(as_number(1));
    verb->add_option("--seed", options->seed, "of the first life at random")
        ->transform(as_number())
        ->capture_default_str();
    verb->add_option("--old", options->old_path,
                     "program or signed image to start from (signed with a throw-away key)");
    verb->add_option("--new", options->new_path, "program or signed image to install");
    verb->add_option("--html", options->html, "write the report as a page for people");
}

}  // namespace sb::cli
