#include "tools/cli/reverse_pack.hpp"

#include <fmt/format.h>

#include "core/install/staged_package.hpp"
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
        has_region ? "make region 'patch' larger, or leave --reverse out"
                   : "add a region 'patch', make slot_b larger, or leave --reverse out");
}

}  // namespace

std::uint32_t reverse_room(const layout::Layout& layout, std::uint32_t image_bytes) {
    const sb::layout::GeometryMap geometry(layout);
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
    const Draft draft = [image = job.image.bytes, payload = made.there.bytes, options, key](const Buffer& claims) {
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

}  // namespace sb::cli
