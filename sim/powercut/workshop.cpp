#include "sim/powercut/workshop.hpp"

#include <stdexcept>

#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/patch.hpp"
#include "tools/pack/device_class.hpp"

namespace sb::sim {

namespace {

using Buffer = std::vector<std::uint8_t>;

template <class T>
T need(pack::Outcome<T> outcome) {
    if (!outcome) throw std::runtime_error(outcome.error().where + ": " + outcome.error().what);
    return std::move(*outcome);
}

/// Words as a small compiler would leave them: opcodes from a few classes, addresses that move with the version.
Buffer program(std::uint32_t bytes, unsigned family, const Version& version) {
    Buffer out(bytes);
    std::uint32_t state = 0x9E3779B9U * (family + 1);
    const std::uint32_t shift = version.minor * 24U + version.build;
    for (std::uint32_t at = 0; at + 4 <= bytes; at += 4) {
        state = state * 1664525U + 1013904223U;
        const bool is_address = state >> 28 == 3;
        const std::uint32_t word =
            is_address ? 0x0800'0000U + (state >> 12 & 0xFFFCU) + shift : (state >> 20) * 0x0101U;
        store_le<std::uint32_t>(out, at, word);
    }
    return out;
}

}  // namespace

Digest image_digest(Bytes image) {
    OpensslCrypto crypto;
    return sha256(crypto, image);
}

Workshop::Workshop(std::string device_class)
    : key_(need(pack::PrivateKey::generate())), device_class_(std::move(device_class)) {
    const pack::ClassIds ids = need(pack::class_ids(device_class_));
    identity_.vendor = ids.vendor;
    identity_.device_class = ids.device_class;
    identity_.keys = {pack::trusted(key_.public_key())};
}

Buffer Workshop::image(const Version& version, std::uint32_t body_bytes, unsigned family,
                       std::optional<std::uint32_t> security_counter) const {
    pack::SignOptions options;
    options.version = version;
    options.header_bytes = identity_.header_bytes;
    options.security_counter = security_counter;
    return need(pack::sign_image(program(body_bytes, family, version), options, key_));
}

namespace {

/// How `diff` makes a payload of `format` in at most 4 KB of decoder memory besides LZMA's model.
diff::DiffOptions options_for(PayloadFormat format, std::uint32_t segment_bytes) {
    diff::DiffOptions how{.format = "endsley", .compress = "lzma", .ram_bytes = 4096, .segment_bytes = segment_bytes};
    if (format == PayloadFormat::endsley) how.compress = "none";
    if (format == PayloadFormat::hpatchlite) how = {.format = "hpatchlite", .compress = "tuz", .ram_bytes = 4096};
    if (format == PayloadFormat::vcdiff) how = {.format = "vcdiff", .compress = "interleaved", .window_bytes = 2048};
    if (format == PayloadFormat::sbd) {
        how.format = "sbd";
        how.compress = "";
        how.level = 1;
        how.threads = 1;
    }
    if (format == PayloadFormat::hdiffsf) {
        how.format = "hdiffsf";
        how.compress = "none";
        how.ram_bytes = 1024;
    }
    return how;
}

}  // namespace

Buffer Workshop::full(Bytes image, PayloadFormat format, std::uint32_t block_bytes) const {
    pack::PackageOptions options{.device_class = device_class_, .format = format, .block_bytes = block_bytes};
    if (format == PayloadFormat::raw) return need(pack::build_package(image, {}, options, key_));
    const diff::Patch patch = diff::make_patch({}, image, {.format = "lzma", .ram_bytes = 4096});
    options.decoder_ram_bytes = patch.decoder_ram_bytes;
    return need(pack::build_package(image, patch.bytes, options, key_));
}

Buffer Workshop::delta(Bytes from, Bytes to, PayloadFormat format, std::uint32_t block_bytes,
                       std::uint32_t segment_bytes) const {
    const diff::Patch patch = diff::make_patch(from, to, options_for(format, segment_bytes));
    pack::PackageOptions options{.device_class = device_class_,
                                 .format = format,
                                 .decoder_ram_bytes = patch.decoder_ram_bytes,
                                 .source_digest = image_digest(from),
                                 .block_bytes = block_bytes};
    Bytes payload(patch.bytes);
    if (format == PayloadFormat::sbd) {  // its preamble stands in the envelope
        const auto preamble = static_cast<std::size_t>(diff::sbd_preamble_bytes(payload));
        options.parameters.assign(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(preamble));
        payload = payload.subspan(preamble);
    }
    return need(pack::build_package(to, payload, options, key_));
}

Cast Workshop::cast(PayloadFormat format, Bytes old_program, Bytes new_program, std::uint32_t segment_bytes) const {
    const auto sign = [this](Bytes program, const Version& version) {
        pack::SignOptions options;
        options.version = version;
        options.header_bytes = identity_.header_bytes;
        return need(pack::sign_image(program, options, key_));
    };
    Cast cast{.old_image = sign(old_program, {.major = 1}), .new_image = sign(new_program, {.major = 1, .minor = 1})};
    const bool whole = format == PayloadFormat::raw || format == PayloadFormat::lzma;
    cast.package =
        whole ? full(cast.new_image, format) : delta(cast.old_image, cast.new_image, format, 256, segment_bytes);
    cast.golden = sign(old_program, {.minor = 9});
    cast.rescue = full(cast.old_image);
    return cast;
}

Cast Workshop::cast(PayloadFormat format, std::uint32_t body_bytes, std::uint32_t segment_bytes) const {
    return cast(format, program(body_bytes, 0, {.major = 1}), program(body_bytes, 0, {.major = 1, .minor = 1}),
                segment_bytes);
}

}  // namespace sb::sim
