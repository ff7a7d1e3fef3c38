#include "tools/pack/build_package.hpp"

#include <algorithm>
#include <cinttypes>

#include "core/base/error_name.hpp"
#include "core/image/image.hpp"
#include "core/manifest/chain.hpp"
#include "core/manifest/labels.hpp"
#include "ports/host/openssl_crypto.hpp"
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

Buffer encode_manifest(const Manifest& m) {
    const Buffer parameters = cbor::map({{suit::vendor_id, cbor::bytes(m.vendor)},
                                         {suit::class_id, cbor::bytes(m.device_class)},
                                         {suit::image_digest, cbor::bytes(suit_digest(m.image_digest))},
                                         {suit::image_size, cbor::item(m.image_bytes)},
                                         {suit::security_counter, cbor::item(m.security_counter)}});
    const Buffer report = cbor::item(suit::report_all);
    const Buffer sequence =
        cbor::array({cbor::item(suit::override_parameters), parameters, cbor::item(suit::condition_vendor_id), report,
                     cbor::item(suit::condition_class_id), report});
    const Buffer component = cbor::array({cbor::bytes(Buffer{0})});
    const Buffer common =
        cbor::map({{suit::components, cbor::array({component})}, {suit::shared_sequence, cbor::bytes(sequence)}});
    const Buffer validate = cbor::array({cbor::item(suit::condition_image_match), report});
    return cbor::map({{suit::version, cbor::item(1)},
                      {suit::sequence_number, cbor::item(m.sequence)},
                      {suit::common, cbor::bytes(common)},
                      {suit::validate, cbor::bytes(validate)}});
}

Buffer encode_descriptor(const PayloadDescriptor& p) {
    const Buffer format = cbor::item(static_cast<unsigned>(p.format)), ram = cbor::item(p.decoder_ram_bytes);
    const Buffer block = cbor::item(p.block_bytes), payload = cbor::item(p.payload_bytes);
    const Buffer first = cbor::bytes(p.first_block);
    const Buffer source = p.source_digest ? cbor::bytes(*p.source_digest) : cbor::item(nullptr);
    if (p.format == PayloadFormat::sbd)
        return cbor::array({format, ram, block, payload, first, source, cbor::bytes(p.parameters)});
    return cbor::array({format, ram, block, payload, first, source});
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
    return {};
}

// Runs the device's own code over what was built.
Outcome<void> accepts(Bytes package, Bytes payload, const PrivateKey& key) {
    OpensslCrypto crypto;
    const TrustedKey own = trusted(key.public_key());
    const auto failed = [](Error e) {
        return problem(Kind::environment, "package", std::string("is not what a device takes: ") + error_name(e));
    };
    const auto length = envelope_bytes(package);
    if (!length || !*length) return failed(length ? Error::truncated : length.error());
    const auto opened = open_package(package.first(**length), crypto, {&own, 1});
    if (!opened) return failed(opened.error());
    ChainReader chain(opened->payload, 0, opened->payload.first_block);
    package = package.subspan(**length);
    while (!chain.complete()) {
        const std::size_t wire = std::min<std::size_t>(chain.wire_bytes(), package.size());
        const auto data = chain.accept(crypto, package.first(wire));
        if (!data) return failed(data.error());
        if (!equal(*data, payload.first(data->size()))) return failed(Error::image_mismatch);
        package = package.subspan(wire);
        payload = payload.subspan(data->size());
    }
    if (!package.empty() || !payload.empty()) return failed(Error::trailing_data);
    return {};
}

}  // namespace

std::string format_name(PayloadFormat format) {
    if (sb::format_named(sb::format_name(format))) return sb::format_name(format);
    return "format " + std::to_string(static_cast<unsigned>(format));
}

Outcome<Buffer> encode_envelope(const Package& package, const PrivateKey& key) {
    const Buffer manifest = encode_manifest(package.manifest);
    OpensslCrypto crypto;
    const Buffer digest = suit_digest(sha256(crypto, cbor::bytes(manifest)));
    const auto manifest_signature = sign1(digest, {}, true, key);
    if (!manifest_signature) return manifest_signature;
    const auto descriptor = sign1(encode_descriptor(package.payload), digest, false, key);
    if (!descriptor) return descriptor;
    const Buffer authentication = cbor::array({cbor::bytes(digest), cbor::bytes(*manifest_signature)});
    return cbor::tagged(suit::tag_envelope, cbor::map({{suit::authentication, cbor::bytes(authentication)},
                                                       {suit::manifest, cbor::bytes(manifest)},
                                                       {suit::payload_descriptor, cbor::bytes(*descriptor)}}));
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
    const auto checked = verified(image, key);
    if (!checked) return std::unexpected(checked.error());
    image = image.first(checked->info.total_bytes);
    if (options.format == PayloadFormat::raw && payload.empty()) payload = image;
    if (auto good = check_payload(image, payload, options); !good) return std::unexpected(good.error());
    const auto manifest = manifest_of(*checked, options);
    if (!manifest) return std::unexpected(manifest.error());

    const Chain chain = build_chain(payload, options.block_bytes);
    Package package{.manifest = *manifest,
                    .payload = {.manifest_digest = {},
                                .source_digest = options.source_digest,
                                .format = options.format,
                                .decoder_ram_bytes = options.decoder_ram_bytes,
                                .block_bytes = options.block_bytes,
                                .payload_bytes = static_cast<std::uint32_t>(payload.size()),
                                .first_block = chain.first,
                                .parameters = options.parameters}};
    auto out = encode_envelope(package, key);
    if (!out) return out;
    out->insert(out->end(), chain.wire.begin(), chain.wire.end());
    if (auto good = accepts(*out, payload, key); !good) return std::unexpected(good.error());
    return out;
}

}  // namespace sb::pack
