// switchback pack: an update package from a signed image.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/boot/slot_check.hpp"
#include "tools/cli/images.hpp"
#include "tools/cli/in_place_pack.hpp"
#include "tools/cli/layout_report.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/payloads.hpp"
#include "tools/cli/progress.hpp"
#include "tools/cli/prove_pair.hpp"
#include "tools/cli/reverse_pack.hpp"
#include "tools/cli/text.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/layout/bootloader.hpp"
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
    std::string slot_b;       ///< the build for slot B, where each slot has its own; then `image` is slot A's
    std::string from_slot_b;  ///< the old one of it
    std::string format;
    std::string layout;
    std::uint32_t segment_bytes = 0;
    std::optional<std::uint64_t> sequence;
    std::optional<std::uint32_t> security_counter;
    std::uint32_t block_bytes = 1024;
    bool in_place = false;
    bool reverse = false;
    bool prove = false;
    bool bootloader = false;
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

/// What is packed: an image, and for a delta what it starts from.
struct Build {
    ImageFile image;
    std::optional<ImageFile> source;
    SlotId slot = SlotId::a;
};

/// Whether the image can run in one of `slots`.
void check_slots(const ImageFile& image, const layout::Layout& layout, std::span<const SlotId> slots) {
    Error why = Error::none;
    const sb::layout::GeometryMap geometry(layout);
    const FlashMap& map = geometry.map();
    for (const SlotId slot : slots) {
        const auto fit = check_fit(map, slot, image.info);
        if (fit) return need_start(map, image);
        why = fit.error();
    }
    const char* const name = slots.size() != 1 ? "a slot" : slots[0] == SlotId::a ? "slot A" : "slot B";
    throw failure_of(why, fmt::format("{}, for {} of layout {}", image.path, name, layout.name));
}

void check_fit_of(const ImageFile& image, const layout::Layout& layout, const PackVerb& verb,
                  std::span<const SlotId> slots) {
    const std::uint32_t room = need(layout::check(layout)).image_room_bytes;
    if (image.info.total_bytes > room)
        throw Failure(Exit::no, fmt::format("the image has {} bytes, a slot {}", image.info.total_bytes, room),
                      image.path, "make the program smaller");
    if (verb.block_bytes > layout.max_block_bytes)
        throw Failure(Exit::usage, fmt::format("the device takes blocks of at most {} bytes", layout.max_block_bytes),
                      "--block-size", "choose smaller blocks");
    check_slots(image, layout, slots);
}

bool runs_at_one_address(const layout::Layout& layout) {
    return layout.remap || layout.scheme != Scheme::xip;
}

/// Where each build runs, each in its own slot, or one in any.
void check_fits(const std::vector<Build>& builds, const layout::Layout& layout, const PackVerb& verb) {
    static constexpr std::array both{SlotId::a, SlotId::b};
    if (builds.size() == 1) return check_fit_of(builds.front().image, layout, verb, both);
    if (runs_at_one_address(layout))
        throw Failure(Exit::no, "its images all run at one address: there is one build for both slots",
                      "layout " + layout.name, "leave --slot-b out");
    for (const Build& build : builds) check_fit_of(build.image, layout, verb, {&build.slot, 1});
}

/// A download goes on at the start of a segment: small images get small ones too, at about 1 % of their patch.
std::uint32_t segment_for(const ImageFile& image, const PackVerb& verb) {
    constexpr std::size_t small_image = std::size_t{128} << 10;
    constexpr std::uint32_t small_segment = 16U << 10;
    if (verb.segment_bytes != 0 || image.bytes.size() >= small_image) return verb.segment_bytes;
    return small_segment;
}

/// `preamble_bytes`: what sbd's may have; 0: any.
Payload smallest_payload(const std::vector<DecoderOffer>& offers, const Build& build, const PackVerb& verb,
                         std::uint32_t preamble_bytes) {
    const ImageFile& image = build.image;
    const Bytes old_image = build.source ? Bytes(build.source->bytes) : Bytes();
    Payload best;
    std::string no_room;
    for (const DecoderOffer& offer : offers) {
        ProgressBar bar("packing " + pack::format_name(offer.format), image.bytes.size());
        const auto show = [&](double part) {
            bar.update(static_cast<std::uint64_t>(part * static_cast<double>(image.bytes.size())));
        };
        Payload made = make_payload(
            offer, image.bytes, old_image,
            {.segment_bytes = segment_for(image, verb), .preamble_bytes = preamble_bytes, .progress = show});
        spdlog::debug("{}: {} bytes", pack::format_name(offer.format), made.bytes.size());
        if (preamble_bytes != 0 && made.parameters.size() > preamble_bytes) {
            no_room = pack::format_name(offer.format);
            continue;
        }
        if (best.bytes.empty() || made.bytes.size() < best.bytes.size()) best = std::move(made);
    }
    if (best.bytes.empty())
        throw Failure(Exit::no, fmt::format("the preambles of two patches of {} do not fit the envelope", no_room),
                      image.path, "choose another --format");
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
    std::string text = package_text(verb.out, opened.builds, package_bytes);
    const std::uint64_t image = opened.builds.front().manifest.image_bytes;
    if (opened.builds.size() == 1 && package_bytes < image)
        text += fmt::format("saves    {} of the image\n", percent(image - package_bytes, image));
    return text;
}

/// The copies of the bootloader, as slots, where the package is for them.
layout::Layout layout_of(const PackVerb& verb, const std::vector<Build>& builds) {
    layout::Layout layout = need(layout::load(verb.layout));
    if (!verb.bootloader) return layout;
    if (!layout.bootloader_updatable)
        throw Failure(Exit::no, "its bootloader is not updatable", "layout " + layout.name,
                      "write [bootloader] updatable = true, with regions bootloader_a and bootloader_b");
    if (builds.size() == 1)
        throw Failure(Exit::usage, "a bootloader runs where it was linked to run, in either copy", "--bootloader",
                      "give the build for bootloader_b with --slot-b, too");
    const std::uint32_t room = bootloader_room(layout);
    for (const Build& build : builds)
        if (build.image.info.total_bytes > room)
            throw Failure(Exit::no,
                          fmt::format("the image has {} bytes, a copy of the bootloader {} besides its seals",
                                      build.image.info.total_bytes, room),
                          build.image.path, "make the program smaller");
    return bootloader_layout(layout);
}

std::vector<DecoderOffer> offers(Shell& shell, const PackVerb& verb, const std::vector<Build>& builds) {
    if (verb.layout.empty()) return usual_offers(verb);
    const layout::Layout layout = layout_of(verb, builds);
    check_fits(builds, layout, verb);
    if (builds.size() == 1 && !runs_at_one_address(layout))
        shell.note(
            "only devices that write the slot of this build take it: give the one for slot B with --slot-b, too");
    return offers_of(verb, layout);
}

/// What runs in a slot was linked for it, as what is to run there.
void check_same_slot(const ImageFile& old_image, const ImageFile& new_image) {
    if (old_image.info.rom_fixed && old_image.info.load_address == new_image.info.load_address) return;
    throw Failure(
        Exit::no,
        fmt::format("is not bound to 0x{:x}, as {} is (wrong_address)", new_image.info.load_address, new_image.path),
        old_image.path, "--from is the build for slot A, --from-slot-b the one for slot B");
}

void check_options(const PackVerb& verb) {
    if (verb.bootloader && verb.layout.empty())
        throw Failure(Exit::usage, "where the copies of the bootloader stand was not said", "--bootloader",
                      "add --layout");
    if (!verb.from_slot_b.empty() && verb.slot_b.empty())
        throw Failure(Exit::usage, "there is no build for slot B", "--from-slot-b", "give the new one with --slot-b");
    if (!verb.slot_b.empty() && verb.from.empty() != verb.from_slot_b.empty())
        throw Failure(Exit::usage, "a delta for each slot starts from what runs in the other one",
                      verb.from.empty() ? "--from-slot-b" : "--from",
                      "give the old builds of both slots: --from OLD_A --from-slot-b OLD_B");
    if (verb.prove && verb.bootloader)
        throw Failure(Exit::usage, "what is simulated is an update of the image that the bootloader starts", "--prove",
                      "leave it out with --bootloader");
    if (verb.prove && (verb.layout.empty() || verb.from.empty()))
        throw Failure(Exit::usage, "what is simulated is an update of a device", "--prove",
                      "give its --layout, and with --from the image that it runs");
}

/// One build, or one for each slot. What is written to a slot is made from what runs in the other one.
std::vector<Build> builds_of(const PackVerb& verb, KeyRing ring) {
    const auto read = [&](const std::string& path) {
        return path.empty() ? std::nullopt : std::optional(read_verified_image(path, ring));
    };
    const ImageFile a = *read(verb.image);
    const auto old_a = read(verb.from);
    if (verb.slot_b.empty()) return {{a, old_a, SlotId::a}};
    const ImageFile b = *read(verb.slot_b);
    const auto old_b = read(verb.from_slot_b);
    if (old_a) check_same_slot(*old_a, a);
    if (old_b) check_same_slot(*old_b, b);
    return {{a, old_b, SlotId::a}, {b, old_a, SlotId::b}};
}

void refuse_without_way_back(const PackVerb& verb, const std::optional<layout::Layout>& layout) {
    if (verb.in_place)
        throw Failure(Exit::usage, "only a delta for a device of scheme inplace works in place", "--in-place",
                      "give its --layout, and the old image with --from");
    if (layout && layout->scheme == Scheme::single && layout->region("patch") == nullptr)
        throw Failure(Exit::usage,
                      "with scheme single and no region 'patch' nothing but the factory image can be gone back to",
                      "--reverse", "add the region to its layout; with one it may take scheme inplace, too");
    if (layout && layout->scheme != Scheme::copy && !has_one_slot(layout->scheme))
        throw Failure(Exit::usage, "the device keeps the old image until the new one is confirmed", "--reverse",
                      "leave it out");
    throw Failure(Exit::usage,
                  "only a package for a device of scheme copy, inplace or single takes its way back with it",
                  "--reverse", "give its --layout, and the old image with --from");
}

/// Of devices that rewrite their image where it stands, since what they take while it runs is made for that; of those
/// that overwrite it, where the way back is to go with the package.
std::optional<layout::Layout> layout_to_rehearse(const PackVerb& verb, const std::vector<Build>& builds) {
    std::optional<layout::Layout> layout;
    if (!verb.layout.empty()) layout = need(layout::load(verb.layout));
    const bool is_patch = layout && builds[0].source && !verb.bootloader;
    const bool in_place = is_patch && layout->scheme == Scheme::inplace;
    const bool keeps =
        is_patch && (layout->scheme == Scheme::copy || (layout->scheme == Scheme::single && layout->region("patch")));
    if ((verb.in_place && !in_place) || (verb.reverse && !in_place && !keeps)) refuse_without_way_back(verb, layout);
    return in_place || (keeps && verb.reverse) ? layout : std::nullopt;
}

/// `claims`: as long as those that it will be signed with.
Draft draft_of(Shell& shell, const PackVerb& verb, const std::vector<Build>& builds, const pack::PrivateKey& key,
               const Buffer& claims) {
    static_cast<void>(options_of(verb, {}));  // refuses what is wrong before the long part
    if (const auto layout = layout_to_rehearse(verb, builds)) {
        check_fit_of(builds[0].image, *layout, verb, {&builds[0].slot, 1});
        const bool copies = layout->scheme == Scheme::copy;
        const PatchJob job{.image = builds[0].image,
                           .source = *builds[0].source,
                           .layout = *layout,
                           .offers = offers_of(verb, *layout),
                           .options = options_of(verb, {}),
                           .way_back = verb.reverse,
                           .segment_bytes = copies ? segment_for(builds[0].image, verb) : verb.segment_bytes,
                           .claims = claims};
        if (layout->scheme == Scheme::single) return pack_whole_with_reverse(shell, job, key);
        return copies ? pack_with_reverse(shell, job, key) : pack_in_place(shell, job, key);
    }
    const bool single = builds.size() == 1;
    const std::size_t preamble = single ? 0 : need(pack::room_for_parameters(key, claims.size()));
    const std::vector<DecoderOffer> choice = offers(shell, verb, builds);
    std::vector<Payload> payloads;
    std::vector<pack::PackageOptions> options;
    for (const Build& build : builds) {
        payloads.push_back(smallest_payload(choice, build, verb, static_cast<std::uint32_t>(preamble)));
        options.push_back(options_of(verb, payloads.back()));
        if (is_delta(payloads.back().format)) options.back().source_digest = build.source->digest;
    }
    return [&builds, payloads, options, key](const Buffer& with_claims) mutable {
        options[0].claims = with_claims;
        const auto build = [&](std::size_t i) {
            return pack::SlotBuild{builds[i].image.bytes, payloads[i].bytes, options[i]};
        };
        if (builds.size() != 1) return need(pack::build_package({build(0), build(1)}, key));
        return need(pack::build_package(builds[0].image.bytes, payloads[0].bytes, options[0], key));
    };
}

/// What a simulation of the whole update leans on. `builds` are in the order of slots; the old image of a slot is what
/// the build for the other one starts from.
ProveJob prove_job(const PackVerb& verb, const std::vector<Build>& builds, const layout::Layout& layout,
                   const pack::PrivateKey& key) {
    std::vector<ProvenBuild> proven;
    proven.reserve(builds.size());
    for (std::size_t i = 0; i < builds.size(); ++i)
        proven.push_back({*builds[builds.size() - 1 - i].source, builds[i].image});
    return {.layout = layout,
            .class_name = verb.class_name,
            .builds = std::move(proven),
            .way_back = verb.reverse,
            .key = key};
}

/// The package, signed once every power cut of it is simulated.
Buffer proven(Shell& shell, const PackVerb& verb, const std::vector<Build>& builds, const pack::PrivateKey& key) {
    const layout::Layout layout = need(layout::load(verb.layout));
    const ProveJob job = prove_job(verb, builds, layout, key);
    const Buffer claims = pack::encode_proof(proof_to_be(job));
    const Draft draft = draft_of(shell, verb, builds, key, claims);
    return draft(pack::encode_proof(prove_pair(shell, job, draft(claims))));
}

void pack_image(Shell& shell, PackVerb& verb) {
    refuse_overwriting(verb.out, {verb.image, verb.from, verb.slot_b, verb.from_slot_b, verb.key});
    check_options(verb);
    if (verb.bootloader && !verb.class_name.ends_with(layout::bootloader_class_suffix))
        verb.class_name += layout::bootloader_class_suffix;
    const pack::PrivateKey key = need(pack::PrivateKey::load(verb.key));
    const std::array<TrustedKey, 1> ring = {pack::trusted(key.public_key())};
    const std::vector<Build> builds = builds_of(verb, ring);
    const Buffer package = verb.prove ? proven(shell, verb, builds, key) : draft_of(shell, verb, builds, key, {})({});
    write_file(verb.out, package);

    const OpenedPackage opened = open_envelope(verb.out, package, ring);
    Json json = {{"package", verb.out}};
    json.update(package_json(opened.builds, package.size()));
    std::string text = summary(verb, opened, package.size());
    if (!verb.layout.empty() && !verb.bootloader && json["way_back"].is_null()) {
        const WayBackWords words = way_back_words(need(layout::check(need(layout::load(verb.layout)))).without_reverse);
        json["way_back"] = words.name;
        text += fmt::format("back     {}\n", words.text);
    }
    if (const auto proof = pack::decode_proof(pack::claims_of(Bytes(package).first(opened.envelope_bytes)))) {
        json["proof"] = proof_json(*proof);
        text += proof_text(*proof);
    }
    shell.answer(json, text);
}

}  // namespace

void add_pack_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<PackVerb>();
    CLI::App* verb = shell.verb(
        app, "pack", "Make an update package: full, or a delta from an older image",
        "  switchback pack new.signed.bin --from old.signed.bin -o update.swb --key vendor.pem --version 1.3.0 \\\n"
        "      --class acme.example/thermostat\n"
        "  switchback pack new_a.signed.bin --slot-b new_b.signed.bin --from old_a.signed.bin \\\n"
        "      --from-slot-b old_b.signed.bin -o update.swb --key vendor.pem --version 1.3.0 \\\n"
        "      --class acme.example/thermostat --layout nrf52840\n"
        "  switchback pack new.signed.bin --from old.signed.bin --layout stm32g4 --prove -o update.swb \\\n"
        "      --key vendor.pem --version 1.3.0 --class acme.example/thermostat",
        [&shell, v] { pack_image(shell, *v); });
    verb->add_option("NEW", v->image, "signed image")->required();
    verb->add_option("-o,--output", v->out, "package")->required();
    verb->add_option("--key", v->key, "private key, PEM")->required();
    verb->add_option("--version", v->version, "version of the image; must be what the image says")->required();
    verb->add_option("--class", v->class_name, "vendor-domain/class-name of the devices")->required();
    verb->add_option("--from", v->from, "signed image that the devices run: makes a delta");
    verb->add_option("--slot-b", v->slot_b,
                     "signed image for slot B of parts that cannot remap; NEW is then the one for slot A");
    verb->add_option("--from-slot-b", v->from_slot_b, "with --slot-b: what devices run in slot B; --from: in slot A");
    verb->add_option("--format", v->format, layout::decoder_names());
    verb->add_flag(
        "--in-place", v->in_place,
        "for devices that rewrite their image where it stands; by itself where --layout is of scheme inplace");
    verb->add_flag("--bootloader", v->bootloader,
                   "a bootloader, for its two copies: devices take it whose layout says that it is updatable");
    verb->add_flag(
        "--reverse", v->reverse,
        "with a patch that brings the old image back, for an image that does not prove itself: schemes copy, "
        "single and inplace");
    verb->add_flag("--prove", v->prove,
                   "simulate every power cut of this update and of the way back from it, on the --layout, from the "
                   "--from; no package if one ends badly, else the counts are signed with it ('inspect' shows them)");
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
