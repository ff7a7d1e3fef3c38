// switchback pack: an update package from a signed image.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/boot/slot_check.hpp"
#include "tools/cli/images.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/payloads.hpp"
#include "tools/cli/progress.hpp"
#include "tools/cli/text.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/decoders.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/pack/build_package.hpp"

namespace sb::cli {
namespace {

struct PackVerb {
    std::string image;
    std::string out;
    std::string key;
    std::string version;
    std::string class_name;
    std::string from;
    std::string format;
    std::string layout;
    std::uint32_t segment_bytes = 0;
    std::optional<std::uint64_t> sequence;
    std::optional<std::uint32_t> security_counter;
    std::uint32_t block_bytes = 1024;
};

PayloadFormat named_format(const PackVerb& verb) {
    const auto format = pack::format_named(verb.format);
    if (!format)
        throw Failure(Exit::usage, fmt::format("unknown payload format '{}'", verb.format), "--format",
                      "choose one of " + layout::decoder_names());
    if (is_delta(*format) && verb.from.empty())
        throw Failure(Exit::usage, fmt::format("format {} is a delta", verb.format), "--format",
                      "give the old image with --from");
    return *format;
}

/// Without a layout: what was asked for, else the usual formats, with the usual memory.
std::vector<DecoderOffer> usual_offers(const PackVerb& verb) {
    if (!verb.format.empty()) return {generous_offer(named_format(verb))};
    if (!verb.from.empty()) return {generous_offer(PayloadFormat::sbd)};
    return {generous_offer(PayloadFormat::lzma), generous_offer(PayloadFormat::raw)};
}

/// What the device of `layout` decodes, of what was asked for.
std::vector<DecoderOffer> offers_of(const PackVerb& verb, const layout::Layout& layout) {
    std::vector<DecoderOffer> all;
    for (const DecoderOffer& offer : layout.decoders) {
        if (is_delta(offer.format) && verb.from.empty()) continue;
        if (!verb.format.empty() && offer.format != named_format(verb)) continue;
        if (can_be_met(offer)) all.push_back(offer);
    }
    if (!verb.format.empty() && all.empty() && named_format(verb) == PayloadFormat::raw) all.push_back({});
    if (!all.empty()) return all;
    std::string offers;
    for (const DecoderOffer& offer : layout.decoders)
        offers += (offers.empty() ? "" : ", ") + layout::show_decoder(offer);
    throw Failure(Exit::no, "the device cannot decode that (no_decoder)", "layout " + layout.name,
                  fmt::format("it decodes {}", offers));
}

void check_fit_of(const ImageFile& image, const layout::Layout& layout, const PackVerb& verb) {
    const std::uint32_t room = need(layout::check(layout)).image_room_bytes;
    if (image.info.total_bytes > room)
        throw Failure(Exit::no, fmt::format("the image has {} bytes, a slot {}", image.info.total_bytes, room),
                      image.path, "make the program smaller");
    if (verb.block_bytes > layout.max_block_bytes)
        throw Failure(Exit::usage, fmt::format("the device takes blocks of at most {} bytes", layout.max_block_bytes),
                      "--block-size", "choose smaller blocks");
    bool fits = false;
    Error why = Error::none;
    std::vector<sb::layout::GeometryFlash> parts(layout.parts.begin(), layout.parts.end());
    std::vector<Flash*> flashes;
    flashes.reserve(parts.size());
    for (auto& part : parts) flashes.push_back(&part);
    const FlashMap map = layout::flash_map(layout, flashes);
    for (const SlotId slot : {SlotId::a, SlotId::b}) {
        const auto fit = check_fit(map, slot, image.info);
        fits = fits || fit.has_value();
        if (!fit) why = fit.error();
    }
    if (!fits) throw failure_of(why, fmt::format("{}, for a slot of layout {}", image.path, layout.name));
}

/// A download goes on at the start of a segment: small images get small ones too, at about 1 % of their patch.
std::uint32_t segment_for(const ImageFile& image, const PackVerb& verb) {
    constexpr std::size_t small_image = std::size_t{128} << 10;
    constexpr std::uint32_t small_segment = 16U << 10;
    if (verb.segment_bytes != 0 || image.bytes.size() >= small_image) return verb.segment_bytes;
    return small_segment;
}

Payload smallest_payload(const std::vector<DecoderOffer>& offers, const ImageFile& image, Bytes old_image,
                         const PackVerb& verb) {
    Payload best;
    for (const DecoderOffer& offer : offers) {
        ProgressBar bar("packing " + pack::format_name(offer.format), image.bytes.size());
        Payload made = make_payload(offer, image.bytes, old_image, segment_for(image, verb), [&](double part) {
            bar.update(static_cast<std::uint64_t>(part * static_cast<double>(image.bytes.size())));
        });
        spdlog::debug("{}: {} bytes", pack::format_name(offer.format), made.bytes.size());
        if (best.bytes.empty() || made.bytes.size() < best.bytes.size()) best = std::move(made);
    }
    return best;
}

pack::PackageOptions options_of(const PackVerb& verb, const Payload& payload) {
    pack::PackageOptions options{.device_class = verb.class_name,
                                 .sequence = verb.sequence,
                                 .security_counter = verb.security_counter,
                                 .format = payload.format,
                                 .decoder_ram_bytes = payload.decoder_ram_bytes,
                                 .parameters = payload.parameters,
                                 .block_bytes = verb.block_bytes};
    const auto version = pack::parse_version(verb.version);
    if (!version)
        throw Failure(Exit::usage, fmt::format("'{}' is not a version", verb.version), "--version",
                      "write MAJOR.MINOR.REVISION+BUILD, e.g. 1.2.3+4");
    options.version = version;
    return options;
}

std::string summary(const PackVerb& verb, const OpenedPackage& opened, std::size_t package_bytes) {
    std::string text = package_text(verb.out, opened.package, package_bytes);
    const std::uint64_t image = opened.package.manifest.image_bytes;
    if (package_bytes < image) text += fmt::format("saves    {} of the image\n", percent(image - package_bytes, image));
    return text;
}

std::vector<DecoderOffer> offers(const PackVerb& verb, const ImageFile& image) {
    if (verb.layout.empty()) return usual_offers(verb);
    const layout::Layout layout = need(layout::load(verb.layout));
    check_fit_of(image, layout, verb);
    return offers_of(verb, layout);
}

void pack_image(Shell& shell, const PackVerb& verb) {
    refuse_overwriting(verb.out, {verb.image, verb.from, verb.key});
    const pack::PrivateKey key = need(pack::PrivateKey::load(verb.key));
    const std::array<TrustedKey, 1> ring = {pack::trusted(key.public_key())};
    const ImageFile image = read_verified_image(verb.image, ring);
    const auto old_image = verb.from.empty() ? std::nullopt : std::optional(read_verified_image(verb.from, ring));
    const Bytes old_bytes = old_image ? Bytes(old_image->bytes) : Bytes();

    static_cast<void>(options_of(verb, {}));  // refuses what is wrong before the long part
    const Payload payload = smallest_payload(offers(verb, image), image, old_bytes, verb);
    pack::PackageOptions options = options_of(verb, payload);
    if (is_delta(payload.format)) options.source_digest = old_image->digest;
    const auto package = need(pack::build_package(image.bytes, payload.bytes, options, key));
    write_file(verb.out, package);

    const OpenedPackage opened = open_envelope(verb.out, package, ring);
    Json json = {{"package", verb.out}};
    json.update(package_json(opened.package, package.size()));
    shell.answer(json, summary(verb, opened, package.size()));
}

}  // namespace

void add_pack_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<PackVerb>();
    CLI::App* verb = shell.verb(
        app, "pack", "Make an update package: full, or a delta from an older image",
        "  switchback pack new.signed.bin --from old.signed.bin -o update.swb --key vendor.pem --version 1.3.0 \\\n"
        "      --class acme.example/thermostat",
        [&shell, v] { pack_image(shell, *v); });
    verb->add_option("NEW", v->image, "signed image")->required();
    verb->add_option("-o,--output", v->out, "package")->required();
    verb->add_option("--key", v->key, "private key, PEM")->required();
    verb->add_option("--version", v->version, "version of the image; must be what the image says")->required();
    verb->add_option("--class", v->class_name, "vendor-domain/class-name of the devices")->required();
    verb->add_option("--from", v->from, "signed image that the devices run: makes a delta");
    verb->add_option("--format", v->format, layout::decoder_names());
    verb->add_option("--layout", v->layout, "of the devices: the smallest package that they can decode");
    verb->add_option("--sequence", v->sequence, "sequence number in place of the version's")->transform(as_number());
    verb->add_option("--security-counter", v->security_counter, "must be what the image says")->transform(as_number());
    verb->add_option(
            "--segment", v->segment_bytes,
            "image bytes between two points where a download can go on; by itself 64K, 16K for images below 128K")
        ->transform(as_size());
    verb->add_option("--block-size", v->block_bytes, "payload bytes of a block, 256 to 4096")
        ->transform(as_size())
        ->check(CLI::Range(256, 4096))
        ->capture_default_str();
}

}  // namespace sb::cli
