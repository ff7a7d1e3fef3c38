#include "tools/cli/in_place_pack.hpp"

#include <fmt/format.h>

#include <memory>

#include "core/base/error_name.hpp"
#include "sim/device/device.hpp"
#include "sim/device/transfer.hpp"
#include "tools/cli/progress.hpp"
#include "tools/cli/text.hpp"
#include "tools/diff/in_place.hpp"
#include "tools/layout/check.hpp"
#include "tools/pack/device_class.hpp"

namespace sb::cli {
namespace {

bool works_in_place(PayloadFormat format) {
    return format == PayloadFormat::sbd || format == PayloadFormat::endsley || format == PayloadFormat::endsley_lzma;
}

std::uint32_t erase_unit(const layout::Layout& layout) {
    const layout::RegionSpec& slot = *layout.region("slot_a");
    return geometry_of(layout.parts[slot.part]).unit_at(slot.offset).bytes;
}

diff::DiffOptions how_for(const DecoderOffer& offer, const InPlaceJob& job, std::uint32_t preamble_bytes) {
    diff::DiffOptions how = diff_options_for(offer);
    how.segment_bytes = job.segment_bytes;
    if (offer.format == PayloadFormat::sbd) how.preamble_bytes = preamble_bytes;
    return how;
}

diff::InPlacePatch smallest(const InPlaceJob& job, std::uint32_t preamble_bytes) {
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

void check_room(const InPlaceJob& job, const diff::InPlacePatch& patch, std::size_t package_bytes) {
    const std::uint32_t room = need(layout::check(job.layout)).patch_room_bytes;
    if (package_bytes <= room) return;
    const std::size_t there = patch.way_back ? patch.way_back->from : patch.payload.size();
    std::string what = fmt::format("the package has {} bytes (patch {}", package_bytes, there);
    if (patch.way_back) what += fmt::format(", way back {}", patch.payload.size() - there);
    throw Failure(Exit::no, fmt::format("{}), the patch area has room for {}", what, room), "layout " + job.layout.name,
                  patch.way_back ? "make region 'patch' larger, or leave --reverse out" : "make region 'patch' larger");
}

/// A device that runs the old image, as it will meet the package.
class Rehearsal {
public:
    Rehearsal(const InPlaceJob& job, const pack::PrivateKey& key, Bytes package) : job_(job), package_(package) {
        const pack::ClassIds ids = need(pack::class_ids(job.options.device_class));
        device_ = std::make_unique<sim::Device>(
            job.layout, sim::Identity{job.options.device_class, ids.vendor, ids.device_class, ""},
            std::vector{pack::trusted(key.public_key())});
        need(sim::write_factory_image(*device_, job.source.bytes), job.source.path);
        expect(job.source);
        install();
        expect(job.image);
    }

    void confirm() {
        if (const auto confirmed = device_->confirm(); !confirmed) fail_with(confirmed.error());
        expect(job_.image);
    }
    void go_back() {
        for (int i = 1; i < job_.layout.tries; ++i) expect(job_.image);
        expect(job_.source);
    }

private:
    [[noreturn]] void fail_with(Error why) const {
        throw Failure(Exit::no, fmt::format("a simulated device could not install the package: {}", error_name(why)),
                      job_.image.path, "nothing was written; please report this");
    }
    void install() {
        sim::Installation installation(*device_);
        const auto sent = sim::transfer(installation.session(), package_, {.link = *sim::find_link("uart")}).result;
        if (!sent) throw failure_of(sent.error(), "the rehearsal on a simulated device");
        if (const auto staged = installation.session().stage(); !staged) fail_with(staged.error());
    }
    void expect(const ImageFile& image) {
        const BootReport report = device_->reset();
        if (!report.slot) fail_with(report.cause);
        Buffer stands(image.bytes.size());
        const bool read = device_->map().slots[0].region.read(0, stands).has_value();
        if (!read || stands != image.bytes) fail_with(Error::image_mismatch);
    }

    const InPlaceJob& job_;
    Bytes package_;
    std::unique_ptr<sim::Device> device_;
};

}  // namespace

Draft pack_in_place(Shell& shell, const InPlaceJob& job, const pack::PrivateKey& key) {
    if (job.source.bytes.size() > job.layout.region("slot_a")->bytes)
        throw Failure(Exit::no, "the old image is larger than the slot", job.source.path, "check --from and --layout");
    const auto preamble = static_cast<std::uint32_t>(need(pack::room_for_parameters(key, job.claims.size())));
    const diff::InPlacePatch patch = smallest(job, preamble);
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
    Rehearsal(job, key, package).confirm();
    if (job.way_back) Rehearsal(job, key, package).go_back();
    shell.note(job.way_back ? "a simulated device has installed it, and gone back from it"
                            : "a simulated device has installed it; nothing undoes it, since --reverse was not given");
    return draft;
}

}  // namespace sb::cli
