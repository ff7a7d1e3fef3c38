#include "tools/diff/vcdiff_encoder.hpp"

#include <algorithm>
#include <optional>

#include "tools/diff/codec_xz.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/parallel.hpp"
#include "tools/diff/vcdiff_parser.hpp"
#include "tools/diff/vcdiff_reader.hpp"
#include "tools/diff/vcdiff_writer.hpp"

namespace sb::diff {
namespace {

using Kind = VcdiffStep::Kind;

/// xdelta3 3.0.11 takes no larger ones.
constexpr std::size_t largest_window = std::size_t{8} << 20;
constexpr std::size_t device_window = std::size_t{16} << 10;
/// Sections beyond this are packed with few settings only.
constexpr std::size_t large_section = std::size_t{512} << 10;

/// Parses, each with what was learnt from the one before.
std::size_t rounds_for(std::size_t new_bytes) {
    return new_bytes <= std::size_t{256} << 10 ? 5 : new_bytes <= std::size_t{4} << 20 ? 3 : 2;
}

constexpr XzSetting settings[] = {{3, 0, 0}, {0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {4, 0, 0},
                                  {0, 1, 1}, {0, 2, 2}, {1, 1, 1}, {2, 2, 2}, {3, 0, 2}};
constexpr std::size_t few_settings = 2;

struct Window {
    VcdiffFrame frame;
    VcdiffSteps steps;
};
using Windows = std::vector<Window>;
using Sections = std::vector<VcdiffBytes>;  // by window

std::vector<VcdiffFrame> frames_of(std::size_t old_bytes, std::size_t new_bytes, std::size_t window) {
    std::vector<VcdiffFrame> frames;
    for (std::size_t from = 0; from < new_bytes; from += window)
        frames.push_back({from, std::min(new_bytes, from + window), 0, old_bytes});
    return frames;
}

/// The stretch of the old image that is really copied from.
void tighten(Window& window) {
    std::size_t from = ~std::size_t{0};
    std::size_t end = 0;
    for (const VcdiffStep& step : window.steps) {
        if (step.kind != Kind::copy_old) continue;
        from = std::min(from, step.from);
        end = std::max(end, step.from + step.bytes);
    }
    window.frame.old_from = std::min(from, end);
    window.frame.old_end = end;
}

/// All sections of one kind, as one xz stream.
struct PackedKind {
    bool packed = false;
    std::vector<std::vector<std::uint8_t>> pieces;
    std::size_t bytes = 0;
};

PackedKind plain_kind(const Sections& sections, std::size_t kind) {
    PackedKind plain;
    for (const VcdiffBytes& of_window : sections) {
        plain.pieces.push_back(of_window[kind]);
        plain.bytes += of_window[kind].size();
    }
    return plain;
}

PackedKind pack_kind(const Sections& sections, std::size_t kind, const XzSetting& setting) {
    const PackedKind plain = plain_kind(sections, kind);
    XzPacker packer(setting, plain.bytes);
    PackedKind packed;
    packed.packed = true;
    for (const auto& piece : plain.pieces) {
        auto& to = packed.pieces.emplace_back();
        if (!piece.empty()) {
            put_base128(to, piece.size());
            const auto body = packer.pack(piece);
            to.insert(to.end(), body.begin(), body.end());
        }
        packed.bytes += to.size();
    }
    return packed.bytes < plain.bytes ? packed : plain;
}

/// Makes what is copied in pieces of less than `least` bytes be added.
VcdiffSteps without_short_covers(const VcdiffSteps& steps, std::size_t least) {
    VcdiffSteps kept;
    for (VcdiffStep step : steps) {
        if (step.kind == Kind::copy_old && step.bytes < least) step = {Kind::add, step.new_at, step.bytes, 0};
        if (step.kind == Kind::add && !kept.empty() && kept.back().kind == Kind::add)
            kept.back().bytes += step.bytes;
        else
            kept.push_back(step);
    }
    return kept;
}

std::vector<std::uint8_t> write(Bytes new_image, VcdiffForm form, const Windows& windows, const Sections& sections,
                                const std::array<PackedKind, vcdiff_sections>& kinds) {
    const bool packed = std::ranges::any_of(kinds, &PackedKind::packed);
    const std::uint8_t version = form == VcdiffForm::interleaved ? vcdiff_version_open : vcdiff_version_rfc;
    std::vector<std::uint8_t> patch;
    put_vcdiff_header(patch, version,
                      static_cast<std::uint8_t>(packed ? VcdiffSecondary::lzma : VcdiffSecondary::none));
    for (std::size_t i = 0; i < windows.size(); ++i) {
        VcdiffBytes written;
        unsigned bits = 0;
        for (std::size_t kind = 0; kind < vcdiff_sections; ++kind) {
            written[kind] = kinds[kind].pieces[i];
            if (kinds[kind].packed && !sections[i][kind].empty()) bits |= 1U << kind;
        }
        put_vcdiff_window(patch, version, new_image, windows[i].frame, written, bits);
    }
    return patch;
}

class Encoder {
public:
    Encoder(Bytes old, Bytes new_image, VcdiffForm form, const DiffOptions& options)
        : old_(old),
          new_(new_image),
          form_(form),
          options_(options),
          index_(old),
          threads_(thread_count(options.threads)) {
        const std::size_t usual = form == VcdiffForm::interleaved ? device_window : largest_window;
        frames_ = frames_of(old.size(), new_image.size(), options.window_bytes != 0 ? options.window_bytes : usual);
    }

    std::vector<std::uint8_t> make() {
        if (form_ != VcdiffForm::packed) {
            const Windows windows = parse(spelled_prices(), true);
            return finish(windows, spell_all(windows, {}));
        }
        VcdiffPrices prices = guessed_prices(new_);
        const std::size_t rounds = rounds_for(new_.size());
        for (std::size_t round = 0; round < rounds; ++round) {
            const Windows windows = parse(prices, false);
            prices = try_out(windows);
            report(options_, 0.1 + 0.6 * static_cast<double>(round + 1) / static_cast<double>(rounds));
        }
        return finish(best_windows_, best_sections_);
    }

private:
    Windows parse(const VcdiffPrices& prices, bool self_copies) {
        Windows windows(frames_.size());
        VcdiffTuning tuning;
        tuning.self_copies = self_copies;
        const std::size_t lanes = std::min<std::size_t>(threads_, frames_.size());
        run_parallel(lanes, threads_, [&](std::size_t lane) {
            MatchTable matches(index_, new_);
            VcdiffParser parser(old_, new_, matches);
            for (std::size_t i = lane; i < frames_.size(); i += lanes) {
                windows[i] = {frames_[i], parser.parse(frames_[i], prices, tuning)};
                if (options_.min_cover_bytes != 0)
                    windows[i].steps = without_short_covers(windows[i].steps, options_.min_cover_bytes);
                if (form_ != VcdiffForm::packed) tighten(windows[i]);
            }
        });
        return windows;
    }

    Sections spell_all(const Windows& windows, const VcdiffSpelling& spelling) const {
        Sections sections;
        for (const Window& window : windows)
            sections.push_back(spell(new_, window.frame, window.steps, spelling, form_ == VcdiffForm::interleaved));
        return sections;
    }

    /// Packs what the windows say, keeps it when it is the best yet, and learns prices from it.
    VcdiffPrices try_out(const Windows& windows) {
        constexpr std::size_t codes = 1;  // the section that the second way to spell changes
        Sections sections = spell_all(windows, {true, false});
        Sections paired = spell_all(windows, {true, true});
        std::array<std::size_t, vcdiff_sections> bytes{};
        std::size_t paired_bytes = 0;
        run_parallel(vcdiff_sections + 1, threads_, [&](std::size_t kind) {
            if (kind == vcdiff_sections)
                paired_bytes = pack_kind(paired, codes, settings[0]).bytes;
            else
                bytes[kind] = pack_kind(sections, kind, settings[0]).bytes;
        });
        if (paired_bytes < bytes[codes]) sections = std::move(paired);
        const std::size_t total = bytes[0] + std::min(bytes[codes], paired_bytes) + bytes[2];
        if (best_bytes_ == 0 || total < best_bytes_) {
            best_bytes_ = total;
            best_windows_ = windows;
            best_sections_ = std::move(sections);
        }
        VcdiffSteps all;
        for (const Window& window : windows) all.insert(all.end(), window.steps.begin(), window.steps.end());
        return learnt_prices(new_, all, bytes[0], bytes[1], bytes[2]);
    }

    std::vector<std::uint8_t> finish(const Windows& windows, const Sections& sections) const {
        std::array<PackedKind, vcdiff_sections> kinds;
        for (std::size_t kind = 0; kind < vcdiff_sections; ++kind) kinds[kind] = plain_kind(sections, kind);
        if (form_ == VcdiffForm::packed) pack_best(sections, kinds);
        return write(new_, form_, windows, sections, kinds);
    }

    /// Tries each kind with each setting. Large sections are tried with few, so all are not held at a time.
    void pack_best(const Sections& sections, std::array<PackedKind, vcdiff_sections>& kinds) const {
        std::array<std::array<PackedKind, std::size(settings)>, vcdiff_sections> tried;
        run_parallel(vcdiff_sections * std::size(settings), threads_, [&](std::size_t i) {
            const std::size_t kind = i % vcdiff_sections, setting = i / vcdiff_sections;
            if (setting >= few_settings && kinds[kind].bytes > large_section) return;
            tried[kind][setting] = pack_kind(sections, kind, settings[setting]);
        });
        for (std::size_t kind = 0; kind < vcdiff_sections; ++kind)
            for (PackedKind& packed : tried[kind])
                if (packed.packed && packed.bytes < kinds[kind].bytes) kinds[kind] = std::move(packed);
    }

    Bytes old_;
    Bytes new_;
    VcdiffForm form_;
    const DiffOptions& options_;
    SuffixIndex index_;
    unsigned threads_;
    std::vector<VcdiffFrame> frames_;
    Windows best_windows_;
    Sections best_sections_;
    std::size_t best_bytes_ = 0;
};

}  // namespace

std::vector<std::uint8_t> make_vcdiff(Bytes old, Bytes new_image, VcdiffForm form, const DiffOptions& options) {
    return Encoder(old, new_image, form, options).make();
}

}  // namespace sb::diff
