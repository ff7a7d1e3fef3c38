#include "tools/cli/reverse_pack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/install/staged_package.hpp"
#include "tools/cli/in_place_pack.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/progress.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/geometry_flash.hpp"

namespace sb::cli {
namespace {

/// A patch there and one back, for one decoder.
struct Pair {
    Payload there;
    Payload back;
    [[nodiscard]] std::size_t bytes() const { return there.bytes.size() + back.bytes.size(); }
};

Pair make_pair(const PatchJob& job, const DecoderOffer& offer, std::uint32_t preamble_bytes) {
    const std::uint64_t all = job.image.bytes.size() + job.source.bytes.size();
    ProgressBar bar("packing " + pack::format_name(offer.format), all);
    std::uint64_t before = 0;
    const auto make = [&](const ImageFile& to, const ImageFile& from) {
        const auto show = [&](double part) {
            bar.update(before + static_cast<std::uint64_t>(part * static_cast<double>(to.bytes.size())));
        };
        Payload made =
            make_payload(offer, to.bytes, from.bytes,
                         {.segment_bytes = job.segment_bytes, .preamble_bytes = preamble_bytes, .progress = show});
        before += to.bytes.size();
        return made;
    };
    Payload there = make(job.image, job.source);
    return {std::move(there), make(job.source, job.image)};
}

Pair smallest_pair(const PatchJob& job, std::uint32_t preamble_bytes) {
    std::optional<Pair> best;
    for (const DecoderOffer& offer : job.offers) {
        if (!is_delta(offer.format)) continue;
        Pair made = make_pair(job, offer, preamble_bytes);
        const bool fits =
            made.there.parameters.size() <= preamble_bytes && made.back.parameters.size() <= preamble_bytes;
        if (fits && (!best || made.bytes() < best->bytes())) best = std::move(made);
    }
    if (best) return std::move(*best);
    throw Failure(Exit::no, "the device decodes no patch", "layout " + job.layout.name,
                  "list a delta format in its decoders, or leave --reverse out");
}

void check_reverse_room(const PatchJob& job, const OpenedPackage& opened) {
    const auto image = static_cast<std::uint32_t>(job.image.bytes.size());
    const std::uint64_t needed = kept_bytes(opened.builds.front(), opened.envelope_bytes);
    const std::uint32_t room = reverse_room(job.layout, image);
    if (needed <= room) return;
    const bool has_region = job.layout.region("patch") != nullptr;
    const std::string place = has_region ? "region 'patch'" : fmt::format("slot B behind the image of {} bytes", image);
    throw Failure(
        Exit::no,
        fmt::format("the reverse patch and the envelope have {} bytes, {} has room for {}", needed, place, room),
        "layout " + job.layout.name,
        has_region ? fmt::format("make region 'patch' larger{}, or leave --reverse out",
                                 job.layout.scheme == Scheme::single ? " (of its end 4 KB, or two erase units, are for "
                                                                       "marks of how far undoing came)"
                                                                     : "")
                   : "add a region 'patch', make slot_b larger, or leave --reverse out");
}

Payload smallest_whole(const PatchJob& job) {
    std::optional<Payload> best;
    for (const DecoderOffer& offer : job.offers) {
        if (is_delta(offer.format)) continue;
        Payload made = make_payload(offer, job.image.bytes, {}, {});
        if (!best || made.bytes.size() < best->bytes.size()) best = std::move(made);
    }
    if (best) return std::move(*best);
    throw Failure(Exit::usage, "a device with one slot takes whole images: a delta would lean on what is overwritten",
                  "--format", "choose raw or lzma, or leave it out");
}

/// From the new image to the old one, by whatever the device decodes.
diff::InPlacePatch smallest_back(const PatchJob& job, std::uint32_t preamble_bytes) {
    PatchJob back{.image = job.source,
                  .source = job.image,
                  .layout = job.layout,
                  .offers = {},
                  .options = {},
                  .segment_bytes = job.segment_bytes};
    std::ranges::copy_if(job.layout.decoders, std::back_inserter(back.offers), can_be_met);
    return smallest_in_place(back, preamble_bytes);
}

/// What both kinds have in common: the room is checked, and a device tries it.
Draft tried(Shell& shell, const PatchJob& job, const pack::PrivateKey& key, Buffer payload,
            const pack::PackageOptions& options) {
    Draft draft = [image = job.image.bytes, payload = std::move(payload), options, key](const Buffer& claims) {
        pack::PackageOptions with_claims = options;
        with_claims.claims = claims;
        return need(pack::build_package(image, payload, with_claims, key));
    };
    const Buffer package = draft(job.claims);
    const std::array<TrustedKey, 1> ring = {pack::trusted(key.public_key())};
    check_reverse_room(job, open_envelope("the package", package, ring));
    rehearse(job, key, package);
    shell.note("a simulated device has installed it, and gone back from it");
    return draft;
}

}  // namespace

std::uint32_t reverse_room(const layout::Layout& layout, std::uint32_t image_bytes) {
    const sb::layout::GeometryMap geometry(layout);
    if (layout.scheme == Scheme::single) return geometry.map().patch_room();
    return reverse_area(geometry.map(), image_bytes).bytes();
}

std::uint64_t kept_bytes(const Package& package, std::uint64_t envelope_bytes) {
    return envelope_bytes + reverse_of(package).chains_bytes;
}

Draft pack_with_reverse(Shell& shell, const PatchJob& job, const pack::PrivateKey& key) {
    Pair made = smallest_pair(job, static_cast<std::uint32_t>(need(pack::room_for_parameters(key, job.claims.size()))));
    pack::PackageOptions options = job.options;
    options.format = made.there.format;
    options.decoder_ram_bytes = std::max(made.there.decoder_ram_bytes, made.back.decoder_ram_bytes);
    options.source_digest = job.source.digest;
    options.parameters = made.there.parameters;
    options.reverse = pack::ReverseOptions{.source_bytes = static_cast<std::uint32_t>(job.source.bytes.size()),
                                           .payload = std::move(made.back.bytes),
                                           .parameters = std::move(made.back.parameters)};
    return tried(shell, job, key, std::move(made.there.bytes), options);
}

Draft pack_whole_with_reverse(Shell& shell, const PatchJob& job, const pack::PrivateKey& key) {
    if (job.source.bytes.size() > job.layout.region("slot_a")->bytes)
        throw Failure(Exit::no, "the old image is larger than the slot", job.source.path, "check --from and --layout");
    Payload whole = smallest_whole(job);
    const auto preamble = static_cast<std::uint32_t>(need(pack::room_for_parameters(key, job.claims.size())));
    diff::InPlacePatch back = smallest_back(job, preamble);
    pack::PackageOptions options = job.options;
    options.format = whole.format;
    options.decoder_ram_bytes = whole.decoder_ram_bytes;
    options.reverse = pack::ReverseOptions{.source_bytes = static_cast<std::uint32_t>(job.source.bytes.size()),
                                           .payload = std::move(back.payload),
                                           .parameters = std::move(back.parameters),
                                           .in_place = ReverseInPlace{.format = back.format,
                                                                      .decoder_ram_bytes = back.decoder_ram_bytes,
                                                                      .source_digest = job.source.digest,
                                                                      .shift = back.shift,
                                                                      .erase_bytes = erase_unit(job.layout)}};
    return tried(shell, job, key, std::move(whole.bytes), options);
}

}  // namespace sb::cli
