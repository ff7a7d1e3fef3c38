// sim/powercut: what `switchback sim powercut` tells on one board: each story, each kind of package, with and without
// the journal; and the report over all of it.
#pragma once

#include "sim/powercut/life.hpp"

namespace sb::sim {

/// One story as it is told on one board.
struct Tale {
    Story story = Story::update;
    PayloadFormat package = PayloadFormat::raw;
    bool golden = false;
    bool wipe_journal = false;
    bool reverse = false;  ///< with the patch that undoes it

    /// "update", "revert, journal wiped"
    [[nodiscard]] std::string title() const;
    [[nodiscard]] std::string package_name() const;
};

/// All that are told on a built-in part with the board's scheme: full packages and deltas, the factory image where it
/// matters, the lost journal.
[[nodiscard]] std::vector<Tale> tales_of(const BoardSpec& board);
/// Of these what a device has room and decoders for: with a factory image only where it has one, and packages in
/// formats of which `decoders` has one that fits.
[[nodiscard]] std::vector<Tale> tales_of(const BoardSpec& board, std::span<const DecoderOffer> decoders);

/// A told tale.
struct Row {
    Scheme scheme = Scheme::xip;
    BoardSpec board;
    Tale tale;
    LifeReport report;
};

/// The rows as one HTML page without anything from elsewhere: a matrix of outcomes, the slowest recovery, the wear of
/// each erase unit. `title` is plain text.
[[nodiscard]] std::string html_report(const std::string& title, const std::vector<Row>& rows);

}  // namespace sb::sim
