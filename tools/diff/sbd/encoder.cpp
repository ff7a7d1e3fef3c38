#include "tools/diff/sbd/encoder.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/parallel.hpp"
#include "tools/diff/sbd/field_oracle.hpp"
#include "tools/diff/sbd/load_base.hpp"
#include "tools/diff/sbd/preamble_writer.hpp"

namespace sb::diff {
namespace {

constexpr std::uint32_t one_segment_below = std::uint32_t{128} << 10;
constexpr std::uint32_t usual_segment = std::uint32_t{64} << 10;

struct Effort {
    ParseEffort parse;
    unsigned parses;
    unsigned segments_in_place;               ///< lengths of segments that are tried to the end
    std::span<const std::uint8_t> map_sizes;  ///< that are tried
};

Effort effort_of(unsigned level) {
    static constexpr std::array<std::uint8_t, 6> all{64, 0, 6, 16, 24, 32};
    static constexpr std::array<std::uint8_t, 3> few{64, 0, 16};
    if (level >= 9) return {wide_parse(), 3, 4, all};
    if (level >= 4) return {{}, 2, 2, all};
    return {fast_parse(), 1, 1, few};
}

std::array<std::uint8_t, 4> short_digest(Bytes image) {
    OpensslCrypto crypto;
    const Digest digest = sha256(crypto, image);
    return {digest[0], digest[1], digest[2], digest[3]};
}

class Encoder {
public:
    Encoder(Bytes old, Bytes new_image, const SbdOptions& options)
        : old_(old), new_(new_image), options_(options), effort_(effort_of(options.level)) {
        found_ = options.description ? *options.description : describe(old, new_image);
        plan_.budget = options.budget;
        plan_.ground.spaces.image_bytes = {static_cast<std::uint32_t>(old.size()),
                                           static_cast<std::uint32_t>(new_image.size())};
        const std::uint32_t usual = new_image.size() < one_segment_below ? 0 : usual_segment;
        set_segment(options.segment_bytes.value_or(usual));
        if (options.paces.usual.block_bytes != 0) {
            plan_.flags |= sbd::in_blocks;
            plan_.pace = options.paces.usual;
        }
        if (options.in_place) {
            plan_.flags |= sbd::in_place;
            plan_.erase_bytes = options.in_place->erase_bytes;
            plan_.shift_bytes = shift_of(*options.in_place);
            if (options.segment_bytes && *options.segment_bytes % plan_.erase_bytes != 0)
                throw OptionError("in place a segment is a multiple of the erase unit, " +
                                  std::to_string(plan_.erase_bytes) + " bytes");
        }
        plan_.old_digest = short_digest(old);
        plan_.new_digest = short_digest(new_image);
    }

    CodedImage encode() {
        if (!options_.in_place || options_.segment_bytes) return encode_segments(part_of_progress(0, 1));
        const std::vector<std::uint32_t> lengths = promising_segments();
        std::optional<CodedImage> best;
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            set_segment(lengths[i]);
            const double from = 0.2 + 0.8 * static_cast<double>(i) / static_cast<double>(lengths.size());
            CodedImage made = encode_segments(part_of_progress(from, from + 0.8 / static_cast<double>(lengths.size())));
            if (!best || made.bytes() < best->bytes()) best = std::move(made);
        }
        return *std::move(best);
    }

private:
    /// Short segments leave more of the old image to read, long ones start anew less often. All lengths are tried on
    /// one way through the old image that knows nothing of what is gone; from the best of them on it is looked for
    /// again, with what each leaves to read.
    std::vector<std::uint32_t> promising_segments() {
        set_segment(0);
        description_ = found_;
        const MatchFinder finder(old_, new_, effort_.parse.matches, options_.threads, part_of_progress(0, 0.05));
        const std::vector<SourceRun> runs = parse_with(finder, {}, {}, part_of_progress(0.05, 0.15));
        const std::vector<MapBlock> blocks = blocks_of(runs, largest_map);
        std::vector<std::pair<std::size_t, std::uint32_t>> sizes;
        for (const std::uint32_t length : possible_segments()) {
            set_segment(length);
            sizes.emplace_back(code(blocks, runs).bytes(), length);
        }
        std::ranges::sort(sizes);
        sizes.resize(std::min<std::size_t>(sizes.size(), effort_.segments_in_place));
        std::vector<std::uint32_t> lengths;
        lengths.reserve(sizes.size());
        for (const auto& [bytes, length] : sizes) lengths.push_back(length);
        return lengths;
    }

    /// Whole erase units: what is written of a unit is lost when the rest of it is written again after a power cut.
    [[nodiscard]] std::vector<std::uint32_t> possible_segments() const {
        const std::uint32_t unit = plan_.erase_bytes, longest = std::max(longest_in_place, unit);
        std::vector<std::uint32_t> lengths;
        for (std::uint64_t length = std::max(unit, shortest_in_place); length <= longest && length < new_.size();) {
            lengths.push_back(static_cast<std::uint32_t>(length));
            // in steps of an eighth, which is fine enough
            length += std::max<std::uint64_t>(unit, std::bit_floor(length) / 8 / unit * unit);
        }
        if (new_.size() < one_segment_below || lengths.empty()) lengths.push_back(0);
        return lengths;
    }

    static constexpr std::uint32_t shortest_in_place = 4096, longest_in_place = std::uint32_t{64} << 10;

    void set_segment(std::uint32_t bytes) { plan_.segment_bytes = bytes >= new_.size() ? 0 : bytes; }

    [[nodiscard]] std::uint32_t shift_of(const InPlace& in_place) const {
        const std::size_t needed = std::max(old_.size(), new_.size());
        if (in_place.memory_bytes < needed)
            throw OptionError("the images take " + std::to_string(needed) + " bytes, more than --memory");
        return static_cast<std::uint32_t>(in_place.memory_bytes - old_.size()) & ~(in_place.erase_bytes - 1);
    }

    [[nodiscard]] Visibility visible() const {
        if ((plan_.flags & sbd::in_place) == 0) return {};
        return {plan_.segment_bytes == 0 ? plan_.ground.new_bytes() : plan_.segment_bytes, plan_.erase_bytes,
                plan_.shift_bytes};
    }

    CodedImage encode_segments(const std::function<void(double)>& progress) {
        description_ = found_;
        if (plan_.pace.block_bytes != 0) plan_.pace = options_.paces.usual;
        MatchLimits limits = effort_.parse.matches;
        limits.visible = visible();
        const MatchFinder finder(old_, new_, limits, options_.threads, part_of(progress, 0, 0.1));
        // the parses take most of the time, the parameters the rest
        const double each = 0.7 / effort_.parses;
        std::vector<SourceRun> runs = parse_with(finder, {}, {}, part_of(progress, 0.1, 0.1 + each));
        choose_base(runs);
        std::vector<MapBlock> blocks = blocks_of(runs, largest_map);
        CodedImage best = code(blocks, runs);
        const std::vector<SourceRun> plain_runs = runs;  // found without rewriting
        std::vector<SourceRun> best_runs = runs;
        for (unsigned turn = 1; turn < effort_.parses; ++turn) {
            if (description_.architecture == sbd::Architecture::none) break;
            const std::vector<bool> starts = instruction_starts(ground(), old_);
            runs = parse_with(finder, blocks, starts, part_of(progress, 0.1 + each * turn, 0.1 + each * (turn + 1)));
            blocks = blocks_of(runs, largest_map);
            if (take_smaller(best, code(blocks, runs))) best_runs = runs;
        }
        try_parameters(best_runs, plain_runs, best);
        return smaller_or_stored(std::move(best));
    }

    static constexpr std::size_t largest_map = 64;
    static constexpr std::uint32_t shortest_block = 48;

    /// The plan's ground for the description as it stands now.
    const sbd::Ground& ground() {
        sbd::Ground& to = plan_.ground;
        to.architecture = description_.architecture;
        plan_.flags = static_cast<std::uint8_t>((plan_.flags & ~(sbd::architecture_mask | sbd::own_spaces)) |
                                                static_cast<std::uint8_t>(to.architecture));
        const auto bytes = to.spaces.image_bytes;
        to.spaces = {};
        to.spaces.image_bytes = bytes;
        if (to.architecture == sbd::Architecture::none) return to;
        const sbd::UsualSpaces usual = sbd::usual_spaces(to.architecture);
        bool own = description_.ram_address != usual.ram_address || description_.ram_bytes != usual.ram_bytes;
        to.spaces.ram_address = description_.ram_address;
        to.spaces.ram_bytes = description_.ram_bytes;
        for (std::size_t side = 0; side < 2; ++side) {
            const auto& segments = description_.segments[side];
            to.spaces.of[side] = sbd::AddressSpace(segments);
            to.spaces.global_pointer[side] = description_.global_pointer[side];
            own = own || description_.global_pointer[side] != 0 || segments.size() != 1 || segments[0].offset != 0 ||
                  segments[0].bytes != bytes[side] + usual.behind_image ||
                  segments[0].address != description_.segments[0][0].address;
        }
        if (own) plan_.flags |= sbd::own_spaces;
        return to;
    }

    std::vector<SourceRun> parse_with(const MatchFinder& finder, std::span<const MapBlock> blocks,
                                      const std::vector<bool>& starts, std::function<void(double)> progress) {
        ParseRequest request;
        request.limits = effort_.parse.limits;
        request.map = blocks;
        request.threads = options_.threads;
        request.progress = std::move(progress);
        if (!starts.empty())
            request.make_oracle = [&] { return std::make_unique<FieldOracle>(plan_, old_, new_, blocks, starts); };
        return parse(finder, request);
    }

    std::vector<MapBlock> blocks_of(std::span<const SourceRun> runs, std::size_t most) const {
        return most == 0 ? std::vector<MapBlock>{} : block_map(runs, plan_.ground.old_bytes(), {most, shortest_block});
    }

    CodedImage code(std::span<const MapBlock> blocks, std::span<const SourceRun> runs) {
        static_cast<void>(ground());
        if (!blocks.empty() && write_preamble(plan_, blocks).size() > options_.preamble_bytes)
            return code(blocks_of(runs, blocks.size() * 7 / 8), runs);
        try {
            return code_image(plan_, old_, new_, blocks, runs, thread_count(options_.threads));
        } catch (const std::length_error&) {  // the tables do not fit: fewer blocks are the way out
            if (blocks.empty()) throw;
            return code(blocks_of(runs, blocks.size() / 2), runs);
        }
    }

    static bool take_smaller(CodedImage& best, CodedImage other) {
        if (other.bytes() >= best.bytes()) return false;
        best = std::move(other);
        return true;
    }

    /// Load bases for which the way that words changed speaks; a table of segments may be wrong, too.
    void choose_base(std::span<const SourceRun> runs) {
        if (description_.architecture == sbd::Architecture::none || description_.architecture == sbd::Architecture::avr)
            return;
        const std::vector<MapBlock> blocks = blocks_of(runs, largest_map);
        std::size_t least = code(blocks, runs).bytes();
        ImageDescription best = description_;
        std::vector<std::uint32_t> candidates = base_candidates(old_, new_, runs);
        candidates.resize(std::min<std::size_t>(candidates.size(), 3));
        if (description_.has_table) candidates.push_back(guess_base(old_, description_.architecture));
        for (const std::uint32_t base : candidates) {
            ImageDescription whole = best;
            whole.has_table = false;
            set_base(whole, old_, new_, base);
            description_ = whole;
            const std::size_t bytes = code(blocks, runs).bytes();
            if (bytes + 4 >= least) continue;  // only for a real gain
            least = bytes;
            best = whole;
        }
        description_ = best;
    }

    void try_parameters(std::span<const SourceRun> best_runs, std::span<const SourceRun> plain_runs, CodedImage& best) {
        const ImageDescription found = description_;
        if (plan_.pace.block_bytes != 0 && best.bytes() < new_.size() / 50) plan_.pace = options_.paces.quiet;
        for (const bool rewrite : {true, false}) {
            if (!rewrite) {
                if (found.architecture == sbd::Architecture::none) break;
                description_ = {};
            }
            const std::span<const SourceRun> runs = rewrite ? best_runs : plain_runs;
            for (const std::uint8_t size : effort_.map_sizes)
                static_cast<void>(take_smaller(best, code(blocks_of(runs, size), runs)));
        }
        description_ = found;
    }

    CodedImage smaller_or_stored(CodedImage best) const {
        if (best.bytes() <= new_.size() + best.preamble.size()) return best;
        sbd::Plan plain = plan_;
        plain.flags = sbd::stored;
        plain.segment_bytes = 0;
        CodedImage as_it_is;
        as_it_is.preamble = write_preamble(plain, {});
        as_it_is.segments = {{new_.begin(), new_.end()}};
        return as_it_is;
    }

    static std::function<void(double)> part_of(const std::function<void(double)>& progress, double from, double to) {
        if (!progress) return {};
        return [progress, from, to](double fraction) { progress(from + (to - from) * fraction); };
    }
    std::function<void(double)> part_of_progress(double from, double to) const {
        return part_of(options_.progress, from, to);
    }

    Bytes old_, new_;
    const SbdOptions& options_;
    Effort effort_;
    ImageDescription found_;        ///< by looking at the images
    ImageDescription description_;  ///< what is tried
    sbd::Plan plan_{};
};

}  // namespace

Paces paces_of(DecodingSpeed speed) {
    constexpr sbd::Pace quiet{.block_bytes = 64, .block_run = 64};
    switch (speed) {
        case DecodingSpeed::m4:
            return {{.block_bytes = 32, .block_run = 32}, quiet};
        case DecodingSpeed::m0:
            return {{.block_bytes = 16, .block_run = 8}, quiet};
        default:
            return {};
    }
}

CodedImage encode_sbd(Bytes old, Bytes new_image, const SbdOptions& options) {
    return Encoder(old, new_image, options).encode();
}

}  // namespace sb::diff
