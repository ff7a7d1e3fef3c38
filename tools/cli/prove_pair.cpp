#include "tools/cli/prove_pair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "core/boot/slot_check.hpp"
#include "core/flash/map.hpp"
#include "sim/powercut/in_parallel.hpp"
#include "tools/cli/sim_boards.hpp"
#include "tools/cli/sim_progress.hpp"
#include "tools/cli/text.hpp"
#include "tools/layout/check.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb::cli {
namespace {

using sim::LifeReport;
using sim::Story;

constexpr unsigned most_threads = 16;

/// The whole images as a package: what brings a device back that ended in update mode, as its scheme says.
Buffer rescue_package(const ProveJob& job) {
    const pack::PackageOptions options{.device_class = job.class_name, .block_bytes = min_block_data_bytes};
    if (job.builds.size() == 1) return need(pack::build_package(job.builds[0].old_image.bytes, {}, options, job.key));
    return need(pack::build_package({pack::SlotBuild{job.builds[0].old_image.bytes, {}, options},
                                     pack::SlotBuild{job.builds[1].old_image.bytes, {}, options}},
                                    job.key));
}

/// A factory image stands in for the maker's: the old program, as a version of its own.
Buffer factory_image(const ProveJob& job) {
    const ImageFile& old = job.builds[0].old_image;
    const auto body = old.bytes.begin() + old.info.header_bytes;
    const Buffer program(body, body + static_cast<std::ptrdiff_t>(old.info.body_bytes));
    pack::SignOptions options;
    options.version = {.build = old.info.version == Version{.build = 1} ? 2U : 1U};
    options.header_bytes = job.layout.header_bytes;
    options.security_counter = old.info.security_counter;
    if (old.info.rom_fixed) options.rom_fixed = old.info.load_address;
    return need(pack::sign_image(program, options, job.key));
}

/// The board of the layout, with a factory image where one has room.
sim::BoardSpec board_for(const ProveJob& job, std::size_t factory_bytes) {
    sim::BoardSpec board = board_of(job.layout);
    board.terms = terms_of(job.layout);
    const layout::RegionSpec* const golden = job.layout.region("golden");
    if (golden != nullptr && factory_bytes > golden->bytes) board.golden_units = 0;
    return board;
}

sim::Cast cast_for(const ProveJob& job, Bytes package) {
    sim::Cast cast{.old_image = job.builds[0].old_image.bytes,
                   .new_image = job.builds[0].new_image.bytes,
                   .package = {package.begin(), package.end()},
                   .golden = factory_image(job),
                   .rescue = rescue_package(job)};
    cast.no_way_back = job.layout.scheme == Scheme::inplace && !job.way_back;
    cast.reverse = job.layout.scheme != Scheme::inplace && job.way_back;
    if (job.builds.size() == 1) return cast;
    cast.old_image_b = job.builds[1].old_image.bytes;
    cast.new_image_b = job.builds[1].new_image.bytes;
    return cast;
}

sim::BoardIdentity identity_for(const ProveJob& job) {
    const pack::ClassIds ids = need(pack::class_ids(job.class_name));
    return {.keys = {pack::trusted(job.key.public_key())},
            .vendor = ids.vendor,
            .device_class = ids.device_class,
            .header_bytes = job.layout.header_bytes};
}

/// The slots that the old image may run from when the update comes. Both where that makes another life of it: images
/// or erase units differ.
std::vector<SlotId> starts_of(const ProveJob& job, const sim::BoardSpec& board) {
    const bool either = job.layout.scheme == Scheme::xip || job.layout.scheme == Scheme::ram_load;
    if (!either) return {SlotId::a};
    if (job.builds.size() == 2) return {SlotId::a, SlotId::b};
    if (!board.remap) {
        const std::uint32_t runs_at = job.builds[0].old_image.info.load_address;
        return {runs_at == board.terms->addresses[1] ? SlotId::b : SlotId::a};
    }
    const auto same = [](const EraseRun& a, const EraseRun& b) {
        return a.units == b.units && a.unit_bytes == b.unit_bytes;
    };
    const bool alike = std::ranges::equal(board.slot_a, board.slot_b, same);
    return alike ? std::vector{SlotId::a} : std::vector{SlotId::a, SlotId::b};
}

void check_pair(const ProveJob& job) {
    const std::uint32_t room = need(layout::check(job.layout)).image_room_bytes;
    for (const auto& [old_image, new_image] : job.builds) {
        if (old_image.digest == new_image.digest)
            throw Failure(Exit::usage, "old and new image are the same: there is no update to simulate", old_image.path,
                          "give with --from what devices run before it");
        if (old_image.bytes.size() > room || old_image.info.header_bytes != job.layout.header_bytes)
            throw Failure(Exit::no,
                          "no device of the layout runs this image: it is too large, or its header is another",
                          old_image.path, "check --from and --layout");
    }
    if (job.builds.size() == 1 && job.layout.scheme == Scheme::xip && !job.layout.remap &&
        job.builds[0].old_image.info.load_address == job.builds[0].new_image.info.load_address)
        throw Failure(Exit::usage, "the old image runs in the slot that the new one is for",
                      job.builds[0].new_image.path, "give the builds of both slots: --slot-b, --from, --from-slot-b");
}

std::uint32_t count(std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

[[noreturn]] void refuse(Shell& shell, const ProveJob& job, const LifeReport& report) {
    shell.note("a simulated power cut ended badly:\n" + report.first_objection);
    shell.if_it_fails({{"first_failure", report.first_objection}});
    throw Failure(Exit::no, "not every simulated power cut is survived",
                  job.builds[0].new_image.path + " on layout " + printable(job.layout.name),
                  "no package was written; the story above says what to mend");
}

}  // namespace

pack::Proof proof_to_be(const ProveJob& job) {
    return {.layout = printable(job.layout.name),
            .layout_crc = layout::layout_crc(job.layout),
            .source = shorten(job.builds[0].old_image.digest)};
}

pack::Proof prove_pair(Shell& shell, const ProveJob& job, Bytes package) {
    check_pair(job);
    const sim::Cast cast = cast_for(job, package);
    const sim::BoardSpec board = board_for(job, cast.golden.size());
    const sim::BoardIdentity identity = identity_for(job);
    std::vector<sim::LifeOptions> lives;
    for (const SlotId start : starts_of(job, board))
        for (const Story story : {Story::update, Story::revert}) lives.push_back({.story = story, .start = start});
    const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
    TaleProgress progress(1);
    progress.begin("power cuts on " + board.name);
    LifeReport sum;
    for (const LifeReport& report : sim::check_in_parallel(board, identity, cast, lives, threads,
                                                           [&](std::uint64_t part) { progress.update(part); })) {
        if (report.dead != 0) refuse(shell, job, report);
        sum.add(report);
    }
    if (!sum.sound()) throw std::logic_error("the simulation left operations out");
    pack::Proof proof = proof_to_be(job);
    proof.operations = count(sum.operations);
    proof.cuts = count(sum.cuts);
    proof.ended_new = count(sum.ended_new);
    proof.ended_old = count(sum.ended_old);
    proof.ended_golden = count(sum.ended_golden);
    proof.update_mode = count(sum.update_mode);
    proof.dead = count(sum.dead);
    proof.max_boots = static_cast<std::uint32_t>(sum.max_boots);
    proof.max_steps = sum.max_steps;
    shell.note(
        fmt::format("{} power cuts simulated in {:.1f} s, none left the device dead", sum.cuts, progress.seconds()));
    return proof;
}

Json proof_json(const pack::Proof& proof) {
    return {{"layout", proof.layout},
            {"layout_crc", fmt::format("{:08x}", proof.layout_crc)},
            {"source_sha256_starts", to_hex(proof.source)},
            {"operations", proof.operations},
            {"cuts", proof.cuts},
            {"outcomes",
             {{"new", proof.ended_new},
              {"old", proof.ended_old},
              {"golden", proof.ended_golden},
              {"update_mode", proof.update_mode},
              {"dead", proof.dead}}},
            {"max_boots_to_settle", proof.max_boots},
            {"max_steps_to_settle", proof.max_steps}};
}

std::string proof_text(const pack::Proof& proof) {
    std::string text = fmt::format(
        "proved   layout {} (crc {:08x}), from sha256 {}…: {} power cuts in {} operations of update and way back\n",
        printable(proof.layout), proof.layout_crc, to_hex(proof.source), proof.cuts, proof.operations);
    std::string ends;
    const auto add = [&](std::uint32_t number, const char* what) {
        if (number != 0) ends += fmt::format("{} {}, ", number, what);
    };
    add(proof.ended_new, "ended in the new image");
    add(proof.ended_old, "in the old one");
    add(proof.ended_golden, "in the factory image");
    add(proof.update_mode, "in update mode and back");
    return text + fmt::format("         {}{} dead; slowest recovery {} boots, {} flash operations\n", ends, proof.dead,
                              proof.max_boots, proof.max_steps);
}

}  // namespace sb::cli
