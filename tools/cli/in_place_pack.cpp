#include "tools/cli/in_place_pack.hpp"

#include <fmt/format.h>

#include "tools/cli/progress.hpp"
#include "tools/cli/text.hpp"
#include "tools/diff/in_place.hpp"
#include "tools/layout/check.hpp"

namespace sb::cli {
namespace {

diff::DiffOptions how_for(const DecoderOffer& offer, const PatchJob& job, std::uint32_t preamble_bytes) {
    diff::DiffOptions how = diff_options_for(offer);
    how.segment_bytes = job.segment_bytes;
    if (offer.format == PayloadFormat::sbd) how.preamble_bytes = preamble_bytes;
    return how;
}

}  // namespace

std::uint32_t erase_unit(const layout::Layout& layout) {
    const layout::RegionSpec& slot = *layout.region("slot_a");
    return geometry_of(layout.parts[slot.part]).unit_at(slot.offset).bytes;
}

diff::InPlacePatch smallest_in_place(const PatchJob& job, std::uint32_t preamble_bytes) {
    std::optional<diff::InPlacePatch> best;
    for (const DecoderOffer& offer : job.offers) {
        if (!works_in_place(offer.format)) continue;
        ProgressBar bar("packing " + pack::format_name(offer.format), job.image.bytes.size());
        diff::DiffOptions how = how_for(offer, job, preamble_bytes);
        how.progress = [&](double part) {
            bar.update(static_cast<std::uint64_t>(part * static_cast<double>(job.image.bytes.size())));
        };
        diff::InPlacePatch made =
            diff::make_in_place(job.source.bytes, job.image.bytes, how, job.layout.region("slot_a")->bytes,
                                erase_unit(job.layout), job.way_back);
        const bool fits = made.parameters.size() <= preamble_bytes &&
                          (!made.way_back || made.way_back->parameters.size() <= preamble_bytes);
        if (fits && (!best || made.payload.size() < best->payload.size())) best = std::move(made);
    }
    if (best) return std::move(*best);
    throw Failure(Exit::no, "the device decodes no patch that works in place", "layout " + job.layout.name,
                  "sbd, endsley+lzma and endsley do: list one in its decoders");
}

namespace {

void check_room(const PatchJob& job, const diff::InPlacePatch& patch, std::size_t package_bytes) {
    const std::uint32_t room = need(layout::check(job.layout)).patch_room_bytes;
    if (package_bytes <= room) return;
    const std::size_t there = patch.way_back ? patch.way_back->from : patch.payload.size();
    std::string what = fmt::format("the package has {} bytes (patch {}", package_bytes, there);
    if (patch.way_back) what += fmt::format(", way back {}", patch.payload.size() - there);
    throw Failure(Exit::no, fmt::format("{}), the patch area has room for {}", what, room), "layout " + job.layout.name,
                  patch.way_back ? "make region 'patch' larger, or leave --reverse out" : "make region 'patch' larger");
}

}  // namespace

Draft pack_in_place(Shell& shell, const PatchJob& job, const pack::PrivateKey& key) {
    if (job.source.bytes.size() > job.layout.region("slot_a")->bytes)
        throw Failure(Exit::no, "the old image is larger than the slot", job.source.path, "check --from and --layout");
    const auto preamble = static_cast<std::uint32_t>(need(pack::room_for_parameters(key, job.claims.size())));
    const diff::InPlacePatch patch = smallest_in_place(job, preamble);
    pack::PackageOptions options = job.options;
    options.format = patch.format;
    options.decoder_ram_bytes = patch.decoder_ram_bytes;
    options.source_digest = job.source.digest;
    options.parameters = patch.parameters;
    pack::InPlaceOptions in_place;
    in_place.shift = patch.shift;
    in_place.erase_bytes = erase_unit(job.layout);
    in_place.source_bytes = static_cast<std::uint32_t>(job.source.bytes.size());
    if (patch.way_back) in_place.way_back = {patch.way_back->from, patch.way_back->shift, patch.way_back->parameters};
    options.in_place = in_place;
    const Draft draft = [image = job.image.bytes, payload = patch.payload, options, key](const Buffer& claims) {
        pack::PackageOptions with_claims = options;
        with_claims.claims = claims;
        return need(pack::build_package(image, payload, with_claims, key));
    };
    const Buffer package = draft(job.claims);
    check_room(job, patch, package.size());
    rehearse(job, key, package);
    shell.note(job.way_back ? "a simulated device has installed it, and gone back from it"
                            : "a simulated device has installed it; nothing undoes it, since --reverse was not given");
    return draft;
}

}  // namespace sb::cli
