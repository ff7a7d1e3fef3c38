#include "tools/pack/build_package.hpp"

#include <algorithm>
#include <cinttypes>

#include "core/base/error_name.hpp"
#include "core/image/image.hpp"
#include "core/manifest/chain.hpp"
#include "core/manifest/labels.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/pack/cbor_tree.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/device_class.hpp"

namespace sb::pack {

namespace {

using Kind = Problem::Kind;
using Buffer = std::vector<std::uint8_t>;

Buffer kid_of(const PublicKey& key) {
    const Digest hash = trusted(key).hash;
    return {hash.begin(), hash.begin() + cose::kid_bytes};
}

// A COSE_Sign1 over `payload`, which it carries unless `detached` (RFC 9052 §4.2, §4.4).
Outcome<Buffer> sign1(Bytes payload, Bytes external_aad, bool detached, const PrivateKey& key) {
    const Buffer context = cbor::array(
        {cbor::item("Signature1"), cbor::bytes(cose::es256_header), cbor::bytes(external_aad), cbor::bytes(payload)});
    OpensslCrypto crypto;
    const auto signature = key.sign(sha256(crypto, context));
    if (!signature) return std::unexpected(signature.error());
    return cbor::tagged(cose::tag_sign1,
                        cbor::array({cbor::bytes(cose::es256_header),
                                     cbor::map({{cose::header_kid, cbor::bytes(kid_of(key.public_key()))}}),
                                     detached ? cbor::item(nullptr) : cbor::bytes(payload), cbor::bytes(*signature)}));
}

Buffer suit_digest(const Digest& digest) {
    return cbor::array({cbor::item(suit::sha256_algorithm), cbor::bytes(digest)});
}

using Parameters = std::vector<std::pair<std::int64_t, Buffer>>;
using Builds = std::span<const Package>;

void add_image(Parameters& to, const Manifest& m) {
    to.emplace_back(suit::image_digest, cbor::bytes(suit_digest(m.image_digest)));
    to.emplace_back(suit::image_size, cbor::item(m.image_bytes));
}

// One sequence for each slot: its image, on condition that this is the slot (the draft's A/B template).
Buffer try_each(Builds builds) {
    std::vector<Buffer> sequences;
    for (const Package& build : builds) {
        Parameters parameters{{suit::component_slot, cbor::item(sequences.size())}};
        add_image(parameters, build.manifest);
        const Buffer sequence = cbor::array({cbor::item(suit::override_parameters), cbor::map(parameters),
                                             cbor::item(suit::condition_component_slot), cbor::item(suit::report_all)});
        sequences.push_back(cbor::bytes(sequence));
    }
    return cbor::array(sequences);
}

Buffer encode_manifest(Builds builds) {
    const Manifest& m = builds[0].manifest;
    Parameters parameters{{suit::vendor_id, cbor::bytes(m.vendor)},
                          {suit::class_id, cbor::bytes(m.device_class)},
                          {suit::security_counter, cbor::item(m.security_counter)}};
    if (builds.size() == 1) add_image(parameters, m);
    const Buffer report = cbor::item(suit::report_all);
    std::vector<Buffer> sequence = {cbor::item(suit::override_parameters), cbor::map(parameters),
                                    cbor::item(suit::condition_vendor_id), report,
                                    cbor::item(suit::condition_class_id),  report};
    if (builds.size() != 1) {
        sequence.push_back(cbor::item(suit::directive_try_each));
        sequence.push_back(try_each(builds));
    }
    const Buffer component = cbor::array({cbor::bytes(Buffer{0})});
    const Buffer common = cbor::map(
        {{suit::components, cbor::array({component})}, {suit::shared_sequence, cbor::bytes(cbor::array(sequence))}});
    const Buffer validate = cbor::array({cbor::item(suit::condition_image_match), report});
    return cbor::map({{suit::version, cbor::item(1)},
                      {suit::sequence_number, cbor::item(m.sequence)},
                      {suit::common, cbor::bytes(common)},
                      {suit::validate, cbor::bytes(validate)}});
}

Buffer encode_in_place(const InPlace& p, bool with_parameters) {
    Buffer way_back = cbor::item(nullptr);
    if (p.has_way_back) {
        std::vector<Buffer> items = {cbor::item(p.way_back_from), cbor::item(p.way_back_shift)};
        if (with_parameters) items.push_back(cbor::bytes(p.way_back_parameters));
        way_back = cbor::array(items);
    }
    return cbor::array({cbor::item(p.shift), cbor::item(p.source_bytes), cbor::item(p.erase_bytes), way_back});
}

Buffer encode_reverse(const Reverse& p, bool with_parameters) {
    std::vector<Buffer> items = {cbor::item(p.payload_bytes), cbor::bytes(p.first_block), cbor::item(p.source_bytes)};
    if (p.in_place) {
        const ReverseInPlace& in_place = *p.in_place;
        std::vector<Buffer> more = {cbor::item(static_cast<unsigned>(in_place.format)),
                                    cbor::item(in_place.decoder_ram_bytes), cbor::bytes(in_place.source_digest),
                                    cbor::item(in_place.shift), cbor::item(in_place.erase_bytes)};
        if (in_place.format == PayloadFormat::sbd) more.push_back(cbor::bytes(p.parameters));
        items.push_back(cbor::array(more));
    } else if (with_parameters) {
        items.push_back(cbor::bytes(p.parameters));
    }
    return cbor::array(items);
}

Buffer encode_description(const PayloadDescriptor& p, Bytes claims) {
    const Buffer format = cbor::item(static_cast<unsigned>(p.format)), ram = cbor::item(p.decoder_ram_bytes);
    const Buffer block = cbor::item(p.block_bytes), payload = cbor::item(p.payload_bytes);
    const Buffer first = cbor::bytes(p.first_block);
    const Buffer source = p.source_digest ? cbor::bytes(*p.source_digest) : cbor::item(nullptr);
    const bool with_parameters = p.format == PayloadFormat::sbd;
    std::vector<Buffer> items = {format, ram, block, payload, first, source};
    if (with_parameters) items.push_back(cbor::bytes(p.parameters));
    if (p.in_place) items.push_back(encode_in_place(*p.in_place, with_parameters));
    if (p.reverse) {
        items.push_back(cbor::item(nullptr));
        items.push_back(encode_reverse(*p.reverse, with_parameters));
    }
    if (!claims.empty()) items.push_back(cbor::bytes(claims));
    return cbor::array(items);
}

// The claims stand in the first description.
Buffer encode_descriptor(Builds builds, Bytes claims) {
    std::vector<Buffer> descriptions;
    for (const Package& build : builds)
        descriptions.push_back(encode_description(build.payload, &build == builds.data() ? claims : Bytes{}));
    return descriptions.size() == 1 ? descriptions.front() : cbor::array(descriptions);
}

Outcome<VerifiedImage> verified(Bytes image, const PrivateKey& key) {
    OpensslCrypto crypto;
    MemoryReader reader(image);
    const TrustedKey own = trusted(key.public_key());
    std::array<std::uint8_t, 4096> scratch{};
    const auto checked = verify_image(reader, crypto, {&own, 1}, scratch);
    if (checked) return *checked;
    switch (checked.error()) {
        case Error::unsigned_image:
            return problem(Kind::refused, "image", "is not signed", "sign it with `switchback image sign`");
        case Error::unknown_key:
            return problem(Kind::refused, "image", "is signed by another key", "pack with the key that signed it");
        default:
            return problem(Kind::bad_input, "image",
                           std::string("is not a signed image: ") + error_name(checked.error()),
                           "sign it with `switchback image sign`");
    }
}

// What the package says of its image; the user's own words must not contradict it.
Outcome<Manifest> manifest_of(const VerifiedImage& image, const PackageOptions& options) {
    const auto ids = class_ids(options.device_class);
    if (!ids) return std::unexpected(ids.error());
    const Version version = image.info.version;
    if (options.version && *options.version != version)
        return problem(Kind::refused, "version " + to_string(*options.version),
                       "is not the image's, which is " + to_string(version), "sign the image with that version");
    const std::uint32_t counter = image.info.security_counter.value_or(0);
    if (options.security_counter && *options.security_counter != counter)
        return problem(Kind::refused, "security counter " + std::to_string(*options.security_counter),
                       "is not the image's, which is " + std::to_string(counter), "sign the image with that counter");
    return Manifest{.sequence = options.sequence.value_or(version.sequence()),
                    .vendor = ids->vendor,
                    .device_class = ids->device_class,
                    .image_bytes = image.info.total_bytes,
                    .image_digest = image.digest,
                    .security_counter = counter};
}

Outcome<void> check_payload(Bytes image, Bytes payload, const PackageOptions& options) {
    if (options.block_bytes < min_block_data_bytes || options.block_bytes > max_block_data_bytes)
        return problem(Kind::usage, "block size " + std::to_string(options.block_bytes), "is not 256 to 4096");
    if (payload.empty() || payload.size() > UINT32_MAX)
        return problem(Kind::bad_input, "payload", "must be 1 byte to 4 GiB long");
    if (options.format == PayloadFormat::raw && !equal(payload, image))
        return problem(Kind::bad_input, "payload", "of format raw is not the image itself");
    const bool delta = is_delta(options.format);
    if (delta != options.source_digest.has_value())
        return problem(Kind::usage, "format " + pack::format_name(options.format),
                       delta ? "needs the digest of its source image" : "has no source image");
    const bool has_payload = options.reverse && !options.reverse->payload.empty() &&
                             options.reverse->payload.size() <= UINT32_MAX && options.reverse->source_bytes != 0;
    const bool fits = options.reverse && delta != options.reverse->in_place.has_value() && !options.in_place;
    if (options.reverse && (!fits || !has_payload))
        return problem(
            Kind::usage, "a reverse patch",
            "is not empty, and belongs to a delta between two slots; one that works in place to a whole image");
    return {};
}

// Runs the device's own code over what was built: `payloads` are what comes out.
Outcome<void> accepts(Bytes package, std::span<const Bytes> payloads, Bytes reverse, const PrivateKey& key) {
    OpensslCrypto crypto;
    const TrustedKey own = trusted(key.public_key());
    const auto failed = [](Error e) {
        return problem(Kind::environment, "package", std::string("is not what a device takes: ") + error_name(e));
    };
    const auto length = envelope_bytes(package);
    if (!length || !*length) return failed(length ? Error::truncated : length.error());
    const auto builds = open_builds(package.first(**length), crypto, {&own, 1});
    if (!builds) return failed(builds.error());
    if (builds->size() != payloads.size()) return failed(Error::image_mismatch);
    package = package.subspan(**length);
    std::vector<std::pair<PayloadDescriptor, Bytes>> chains;
    if (builds->front().payload.reverse) chains.emplace_back(reverse_of(builds->front()).payload, reverse);
    for (std::size_t i = 0; i < payloads.size(); ++i) chains.emplace_back((*builds)[i].payload, payloads[i]);
    for (auto& [described, payload] : chains) {
        ChainReader chain(described, 0, described.first_block);
        while (!chain.complete()) {
            const std::size_t wire = std::min<std::size_t>(chain.wire_bytes(), package.size());
            const auto data = chain.accept(crypto, package.first(wire));
            if (!data) return failed(data.error());
            if (!equal(*data, payload.first(data->size()))) return failed(Error::image_mismatch);
            package = package.subspan(wire);
            payload = payload.subspan(data->size());
        }
        if (!payload.empty()) return failed(Error::trailing_data);
    }
    if (!package.empty()) return failed(Error::trailing_data);
    return {};
}

Outcome<Buffer> encode(Builds builds, Bytes claims, const PrivateKey& key) {
    const Buffer manifest = encode_manifest(builds);
    OpensslCrypto crypto;
    const Buffer digest = suit_digest(sha256(crypto, cbor::bytes(manifest)));
    const auto manifest_signature = sign1(digest, {}, true, key);
    if (!manifest_signature) return manifest_signature;
    const auto descriptor = sign1(encode_descriptor(builds, claims), digest, false, key);
    if (!descriptor) return descriptor;
    const Buffer authentication = cbor::array({cbor::bytes(digest), cbor::bytes(*manifest_signature)});
    return cbor::tagged(suit::tag_envelope, cbor::map({{suit::authentication, cbor::bytes(authentication)},
                                                       {suit::manifest, cbor::bytes(manifest)},
                                                       {suit::payload_descriptor, cbor::bytes(*descriptor)}}));
}

std::optional<InPlace> in_place_of(const PackageOptions& options) {
    if (!options.in_place) return std::nullopt;
    InPlace in_place{.shift = options.in_place->shift,
                     .source_bytes = options.in_place->source_bytes,
                     .erase_bytes = options.in_place->erase_bytes};
    if (const auto& way_back = options.in_place->way_back) {
        in_place.has_way_back = true;
        in_place.way_back_from = way_back->from;
        in_place.way_back_shift = way_back->shift;
        in_place.way_back_parameters = way_back->parameters;
    }
    return in_place;
}

constexpr auto sbd_format = static_cast<std::int64_t>(PayloadFormat::sbd);

// The CBOR item that stands in a byte string.
std::optional<CborItem> read_inside(const CborItem& item) {
    auto read = read_cbor(item.content);
    return read ? std::optional(*std::move(read)) : std::nullopt;
}

// One build, judged and ready to be signed.
struct Prepared {
    Package package{};
    VerifiedImage image{};
    Bytes payload{};
    Chain chain{};
    Chain reverse{};  ///< comes before it
};

Outcome<Prepared> prepare(Bytes image, Bytes payload, const PackageOptions& options, const PrivateKey& key) {
    const auto checked = verified(image, key);
    if (!checked) return std::unexpected(checked.error());
    image = image.first(checked->info.total_bytes);
    if (options.format == PayloadFormat::raw && payload.empty()) payload = image;
    if (auto good = check_payload(image, payload, options); !good) return std::unexpected(good.error());
    const auto manifest = manifest_of(*checked, options);
    if (!manifest) return std::unexpected(manifest.error());

    Prepared made{.image = *checked, .payload = payload, .chain = build_chain(payload, options.block_bytes)};
    made.package.manifest = *manifest;
    made.package.payload = {.source_digest = options.source_digest,
                            .format = options.format,
                            .decoder_ram_bytes = options.decoder_ram_bytes,
                            .block_bytes = options.block_bytes,
                            .payload_bytes = static_cast<std::uint32_t>(payload.size()),
                            .first_block = made.chain.first,
                            .parameters = options.parameters,
                            .in_place = in_place_of(options)};
    if (options.reverse) {
        made.reverse = build_chain(options.reverse->payload, options.block_bytes);
        made.package.payload.reverse =
            Reverse{.payload_bytes = static_cast<std::uint32_t>(options.reverse->payload.size()),
                    .first_block = made.reverse.first,
                    .source_bytes = options.reverse->source_bytes,
                    .parameters = options.reverse->parameters,
                    .in_place = options.reverse->in_place};
    }
    return made;
}

std::unexpected<Problem> too_large(std::size_t bytes, const char* what_to_do) {
    return problem(Kind::refused, "envelope",
                   "would have " + std::to_string(bytes) + " bytes, devices take " + std::to_string(max_envelope_bytes),
                   what_to_do);
}

// One program, linked for two places.
Outcome<void> belong_together(const Prepared& a, const Prepared& b) {
    const Manifest &one = a.package.manifest, &other = b.package.manifest;
    const auto differ = [](const char* what) {
        return problem(Kind::refused, "builds for slot A and slot B", std::string("differ in their ") + what,
                       "pack two builds of one version");
    };
    if (a.image.info.version != b.image.info.version) return differ("version");
    if (one.security_counter != other.security_counter) return differ("security counter");
    if (one.sequence != other.sequence) return differ("sequence");
    if (one.vendor != other.vendor || one.device_class != other.device_class) return differ("class");
    for (const auto& [image, name] : {std::pair{&a.image, "build for slot A"}, {&b.image, "build for slot B"}})
        if (!image->info.rom_fixed)
            return problem(Kind::refused, name, "is not bound to an address",
                           "sign it with `switchback image sign --rom-fixed ADDRESS`; an image that runs in either "
                           "slot is packed alone");
    if (a.image.info.load_address == b.image.info.load_address)
        return problem(Kind::refused, "builds for slot A and slot B", "are bound to the same address",
                       "link and sign each for its slot");
    return {};
}

}  // namespace

std::string format_name(PayloadFormat format) {
    if (sb::format_named(sb::format_name(format))) return sb::format_name(format);
    return "format " + std::to_string(static_cast<unsigned>(format));
}

Outcome<Buffer> encode_envelope(const Package& package, const PrivateKey& key) {
    return encode({&package, 1}, {}, key);
}

Outcome<Buffer> encode_envelope(const std::array<Package, slot_builds>& builds, const PrivateKey& key) {
    return encode(builds, {}, key);
}

Result<std::vector<Package>> open_builds(Bytes envelope, Crypto& crypto, KeyRing ring) {
    SB_TRY_ASSIGN(const Package first, open_package(envelope, crypto, ring));
    std::vector<Package> builds{first};
    for (std::uint32_t slot = 1; slot < slot_builds && first.build_per_slot; ++slot) {
        SB_TRY_ASSIGN(const Package another, open_package(envelope, crypto, ring, slot));
        builds.push_back(another);
    }
    return builds;
}

Buffer claims_of(Bytes envelope) {
    const auto inside = [](const CborItem* item) { return item == nullptr ? std::nullopt : read_inside(*item); };
    const auto frame = read_cbor(envelope);
    if (!frame || frame->type != CborType::tag) return {};
    const auto block = inside(frame->items[0].find(suit::payload_descriptor));
    if (!block || block->type != CborType::tag || block->items[0].items.size() != 4) return {};
    const auto content = inside(&block->items[0].items[2]);
    if (!content || content->items.empty()) return {};
    const bool per_slot = content->items.size() == slot_builds;
    const std::vector<CborItem>& description = (per_slot ? content->items[0] : *content).items;
    const bool with_parameters = !description.empty() && description[0].integer() == sbd_format;
    const std::size_t usual = with_parameters ? 7 : 6;
    if (description.size() <= usual || description.back().type != CborType::bytes) return {};
    return {description.back().content.begin(), description.back().content.end()};
}

Outcome<std::size_t> room_for_parameters(const PrivateKey& key, std::size_t claims_bytes) {
    Package largest;
    largest.manifest = {.sequence = UINT64_MAX, .image_bytes = UINT32_MAX, .security_counter = UINT32_MAX};
    largest.payload = {.source_digest = Digest{},
                       .format = PayloadFormat::sbd,
                       .decoder_ram_bytes = UINT32_MAX,
                       .block_bytes = max_block_data_bytes,
                       .payload_bytes = UINT32_MAX};
    // As long as heads of 3 bytes are needed for: they are no longer when there is less.
    const Buffer parameters(256);
    largest.payload.parameters = parameters;
    const Buffer claims(claims_bytes);
    const auto envelope = encode(std::array{largest, largest}, claims, key);
    if (!envelope) return std::unexpected(envelope.error());
    return (max_envelope_bytes - (envelope->size() - slot_builds * parameters.size())) / slot_builds;
}

Chain build_chain(Bytes payload, std::uint32_t block_bytes) {
    OpensslCrypto crypto;
    const std::size_t blocks = (payload.size() + block_bytes - 1) / block_bytes;
    Chain chain;
    if (blocks == 0) return chain;
    const std::size_t stride = block_bytes + sizeof(BlockDigest);
    chain.wire.resize(payload.size() + (blocks - 1) * sizeof(BlockDigest));
    const MutableBytes wire = chain.wire;
    // From the last block to the first: each link is the digest of what follows.
    for (std::size_t i = blocks; i-- > 0;) {
        const std::size_t data = std::min<std::size_t>(block_bytes, payload.size() - i * block_bytes);
        copy(wire.subspan(i * stride), payload.subspan(i * block_bytes, data));
        const bool last = i + 1 == blocks;
        if (!last) copy(wire.subspan(i * stride + data), chain.first);
        chain.first = block_digest(crypto, wire.subspan(i * stride, data + (last ? 0 : sizeof(BlockDigest))));
    }
    return chain;
}

Outcome<Buffer> build_package(Bytes image, Bytes payload, const PackageOptions& options, const PrivateKey& key) {
    const auto made = prepare(image, payload, options, key);
    if (!made) return std::unexpected(made.error());
    auto out = encode({&made->package, 1}, options.claims, key);
    if (!out) return out;
    if (out->size() > max_envelope_bytes) return too_large(out->size(), "choose another --format");
    for (const Chain* chain : {&made->reverse, &made->chain})
        out->insert(out->end(), chain->wire.begin(), chain->wire.end());
    const Bytes reverse = options.reverse ? Bytes(options.reverse->payload) : Bytes();
    if (auto good = accepts(*out, {&made->payload, 1}, reverse, key); !good) return std::unexpected(good.error());
    return out;
}

Outcome<Buffer> build_package(const std::array<SlotBuild, slot_builds>& builds, const PrivateKey& key) {
    std::array<Prepared, slot_builds> made;
    for (std::size_t i = 0; i < builds.size(); ++i) {
        auto one = prepare(builds[i].image, builds[i].payload, builds[i].options, key);
        if (!one) {
            one.error().where += i == 0 ? ", for slot A" : ", for slot B";
            return std::unexpected(one.error());
        }
        made[i] = std::move(*one);
    }
    if (auto good = belong_together(made[0], made[1]); !good) return std::unexpected(good.error());
    auto out = encode(std::array{made[0].package, made[1].package}, builds[0].options.claims, key);
    if (!out) return out;
    if (out->size() > max_envelope_bytes)
        return too_large(out->size(), "choose another --format: the two preambles of sbd do not fit");
    for (const Prepared& one : made) out->insert(out->end(), one.chain.wire.begin(), one.chain.wire.end());
    if (auto good = accepts(*out, std::array{made[0].payload, made[1].payload}, {}, key); !good)
        return std::unexpected(good.error());
    return out;
}

}  // namespace sb::pack
