#include "tools/diff/sbd/fast_covers.hpp"

#include <algorithm>

#include "tools/diff/choose_covers.hpp"
#include "tools/diff/sbd/fast_pages.hpp"

namespace sb::diff {
namespace {

std::vector<MapBlock> narrow(const Covers& covers) {
    std::vector<MapBlock> blocks;
    for (const Cover& cover : covers)
        blocks.push_back({static_cast<std::uint32_t>(cover.new_at), static_cast<std::uint32_t>(cover.old_at),
                          static_cast<std::uint32_t>(cover.bytes)});
    return blocks;
}

/// Without the shortest ones, where there are more than a decoder takes.
std::vector<MapBlock> few_enough(std::vector<MapBlock> covers) {
    if (covers.size() <= most_covers) return covers;
    std::vector<std::uint32_t> lengths;
    lengths.reserve(covers.size());
    for (const MapBlock& cover : covers) lengths.push_back(cover.bytes);
    std::ranges::nth_element(lengths, lengths.begin() + most_covers, std::ranges::greater{});
    const std::uint32_t too_short = lengths[most_covers];
    std::erase_if(covers, [&](const MapBlock& cover) { return cover.bytes <= too_short; });
    return covers;
}

class CoverChooser {
public:
    CoverChooser(Bytes old, Bytes new_image, const TypePair* types, const FastCoverOptions& options)
        : old_(old), new_(new_image), types_(types), options_(options) {}

    FastCovers run() {
        FastCovers found;
        found.description = options_.description ? *options_.description : describe(old_, new_);
        const double each = 1.0 / options_.turns;
        found.covers = choose({old_.begin(), old_.end()}, {new_.begin(), new_.end()}, 0, each);
        if (!options_.description) choose_base(found);
        const sbd::Ground ground = ground_of(found.description, old_, new_);
        for (unsigned turn = 1; turn < options_.turns; ++turn) {
            const AddressSteps steps(found.covers);
            const Rewriter rewriter(ground, steps);
            found.covers = choose(rewriter.without_places(sbd::Side::old_image, old_, pages_by_content(old_)),
                                  rewriter.without_places(sbd::Side::new_image, new_, pages_by_content(new_)),
                                  each * turn, each * (turn + 1));
        }
        return found;
    }

private:
    using Image = std::vector<std::uint8_t>;

    /// Types are told by what they are in both images.
    [[nodiscard]] std::vector<MapBlock> choose(Image old, Image new_image, double from, double to) const {
        if (types_ != nullptr) {
            types_->of_old.put(old);
            types_->of_new.put(new_image);
        }
        CoverRequest request;
        request.threads = options_.threads;
        request.progress = [&](double fraction) {
            if (options_.progress) options_.progress(from + (to - from) * fraction);
        };
        return few_enough(narrow(choose_covers(old, new_image, request)));
    }

    /// The load base by which most is as predicted, where the images do not say it.
    void choose_base(FastCovers& found) const {
        constexpr std::size_t most_tried = 3;
        const auto architecture = found.description.architecture;
        if (architecture == sbd::Architecture::none || found.description.has_table) return;
        std::vector<SourceRun> runs;
        runs.reserve(found.covers.size());
        for (const MapBlock& cover : found.covers) runs.push_back({cover.new_at, cover.old_at, cover.bytes});
        std::vector<std::uint32_t> bases = base_candidates(old_, new_, runs);
        bases.resize(std::min(bases.size(), most_tried));
        const AddressSteps steps(found.covers);
        std::uint64_t least = wrong_bytes(found, found.description, steps);
        for (const std::uint32_t base : bases) {
            ImageDescription other = found.description;
            set_base(other, old_, new_, base);
            const std::uint64_t wrong = wrong_bytes(found, other, steps);
            if (wrong >= least) continue;
            least = wrong;
            found.description = std::move(other);
        }
    }

    [[nodiscard]] std::uint64_t wrong_bytes(const FastCovers& found, const ImageDescription& description,
                                            const AddressSteps& steps) const {
        const sbd::Ground ground = ground_of(description, old_, new_);
        return choose_pages(old_, new_, found.covers, Rewriter(ground, steps)).wrong_bytes;
    }

    Bytes old_, new_;
    const TypePair* types_;
    const FastCoverOptions& options_;
};

}  // namespace

sbd::Ground ground_of(const ImageDescription& description, Bytes old, Bytes new_image) {
    sbd::Ground ground;
    ground.architecture = description.architecture;
    ground.spaces.image_bytes = {static_cast<std::uint32_t>(old.size()), static_cast<std::uint32_t>(new_image.size())};
    ground.spaces.ram_address = description.ram_address;
    ground.spaces.ram_bytes = description.ram_bytes;
    for (std::size_t side = 0; side < 2; ++side) {
        ground.spaces.of[side] = sbd::AddressSpace(description.segments[side]);
        ground.spaces.global_pointer[side] = description.global_pointer[side];
    }
    return ground;
}

FastCovers choose_fast_covers(Bytes old, Bytes new_image, const TypePair* types, const FastCoverOptions& options) {
    return CoverChooser(old, new_image, types, options).run();
}

}  // namespace sb::diff
