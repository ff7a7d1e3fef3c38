// One life of one board, cut everywhere: what the mutants are held against. Exit status 0: the oracle has no objection;
// 1: it has, and the first one is printed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/geometries.hpp"
#include "sim/powercut/workshop.hpp"
#include "sim/prove/prove.hpp"

namespace {

using namespace sb;
using namespace sb::sim;

const std::map<std::string, Scheme> schemes = {{"xip", Scheme::xip},
                                               {"swap", Scheme::swap},
                                               {"copy", Scheme::copy},
                                               {"single", Scheme::single},
                                               {"inplace", Scheme::inplace}};
const std::map<std::string, Story> stories = {
    {"update", Story::update}, {"revert", Story::revert}, {"factory-reset", Story::factory_reset}};

/// Images whose security counters differ, as an update that closes a hole has them.
Cast counted_cast(const Workshop& shop) {
    Cast cast{.old_image = shop.image({.major = 1}, 3000, 0, 1),
              .new_image = shop.image({.major = 1, .minor = 1}, 3000, 0, 2),
              .golden = shop.image({.minor = 9}, 3000, 0, 1)};
    cast.package = shop.full(cast.new_image);
    cast.rescue = shop.full(cast.old_image);
    return cast;
}

LifeReport live(const BoardSpec& spec, Scheme scheme, bool counters, const LifeOptions& options) {
    if (!counters) return check(scheme, spec, options);
    const Workshop shop;
    OpensslCrypto crypto;
    BoardSpec board = spec;
    board.scheme = scheme;
    return check(board, shop.identity(), counted_cast(shop), crypto, options);
}

/// The same program as a prover: the first objection of the exploration, and how long its story is.
int explore(Scheme scheme, bool golden, unsigned cuts) {
    BoardSpec board = prove::small_board(scheme);
    if (golden) board.golden_units = board.slot_units;
    const prove::ExploreReport report = prove::prove(board, {.cuts = static_cast<std::uint8_t>(cuts)});
    fmt::print("{} states, {} operations", report.states, report.operations);
    for (const std::string& line : report.story) fmt::print("\n    {}", line);
    fmt::print("\n");
    return report.objection.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("One life of one board, cut everywhere");
    Scheme scheme = Scheme::xip;
    std::string geometry = "small-1K-g4";
    bool counters = false;
    LifeOptions options;
    app.add_option("--scheme", scheme)->transform(CLI::CheckedTransformer(schemes));
    app.add_option("--story", options.story)->transform(CLI::CheckedTransformer(stories));
    app.add_option("--geometry", geometry);
    app.add_flag("--wipe", options.wipe_journal);
    app.add_flag("--golden", options.golden);
    app.add_flag("--reverse", options.reverse, "scheme single: with the patch that undoes the package");
    app.add_flag("--counters", counters);
    app.add_option("--random", options.random_lives);
    bool prove = false;
    unsigned cuts = 1;
    app.add_flag("--prove", prove, "explore in place of one life");
    app.add_option("--cuts", cuts);
    CLI11_PARSE(app, argc, argv);
    if (prove) return explore(scheme, options.golden, cuts);
    if (scheme == Scheme::inplace) options.package = PayloadFormat::endsley_lzma;
    const BoardSpec* const spec = find_geometry(geometry);
    if (spec == nullptr) {
        fmt::print(stderr, "there is no geometry '{}'\n", geometry);
        return 2;
    }
    const LifeReport report = live(*spec, scheme, counters, options);
    fmt::print("{} cuts, {} objections {}\n", report.cuts, report.dead, report.first_objection);
    return report.sound() ? 0 : 1;
}
