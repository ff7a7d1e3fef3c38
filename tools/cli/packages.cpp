#include "tools/cli/packages.hpp"

#include <fmt/format.h>

#include <array>

#include "core/delta/all_decoders.hpp"
#include "core/manifest/chain.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/cli/text.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/hex.hpp"

namespace sb::cli {
namespace {

constexpr std::uint32_t most_decoder_ram = 1U << 24;
constexpr std::uint32_t most_image_bytes = 1U << 30;

/// Feeds the whole payload; the output is `image`, to its last byte.
Result<void> decode_all(Decoder& decoder, Bytes in, MutableBytes image) {
    for (;;) {
        SB_TRY_ASSIGN(const Progress step, decoder.decode(in, image));
        in = in.subspan(step.consumed);
        image = image.subspan(step.produced);
        if (step.done && in.empty()) return {};
        if (step.consumed == 0 && step.produced == 0) return fail(in.empty() ? Error::truncated : Error::trailing_data);
    }
}

}  // namespace

OpenedPackage open_envelope(const std::string& path, Bytes file, KeyRing ring) {
    const Bytes start = file.first(std::min(file.size(), max_envelope_bytes));
    const auto length = need(sb::envelope_bytes(start), path);
    if (!length || *length > file.size())
        throw failure_of(start.size() < max_envelope_bytes ? Error::truncated : Error::too_large, path);
    OpensslCrypto crypto;
    return {need(open_package(file.first(*length), crypto, ring), path + ", envelope"), *length};
}

Buffer check_chain(const std::string& path, Bytes file, const OpenedPackage& opened) {
    OpensslCrypto crypto;
    ChainReader chain(opened.package.payload, 0, opened.package.payload.first_block);
    Buffer payload;
    std::size_t at = opened.envelope_bytes;
    while (!chain.complete()) {
        const std::string where = fmt::format("{}, block {} at offset {}", path, chain.next_block(), at);
        const std::size_t wire = chain.wire_bytes();
        if (wire > file.size() - at) throw failure_of(Error::truncated, where);
        const Bytes data = need(chain.accept(crypto, file.subspan(at, wire)), where);
        payload.insert(payload.end(), data.begin(), data.end());
        at += wire;
    }
    if (at != file.size()) throw failure_of(Error::trailing_data, fmt::format("{}, offset {}", path, at));
    return payload;
}

Buffer decode_payload(const std::string& path, const Package& package, Bytes payload, Bytes old_image) {
    const std::uint32_t ram = package.payload.decoder_ram_bytes;
    const std::uint32_t bytes = package.manifest.image_bytes;
    if (ram > most_decoder_ram || bytes > most_image_bytes) throw failure_of(Error::too_large, path);
    std::vector<std::uint64_t> work((ram + host_extra_bytes) / sizeof(std::uint64_t) + 1);
    MemoryReader old_reader(old_image);
    DecoderStorage storage;
    Buffer image(bytes);
    MemoryReader made_reader(image);
    const DecoderSetup setup{
        .format = package.payload.format,
        .image_bytes = bytes,
        .decoder_ram_bytes = ram,
        .old_image = &old_reader,
        .work = {reinterpret_cast<std::uint8_t*>(work.data()), work.size() * sizeof(std::uint64_t)},
        .payload_bytes = package.payload.payload_bytes,
        .parameters = package.payload.parameters,
        .made_image = &made_reader};
    Decoder* decoder = need(make_decoder(all_decoders, setup, storage), path);
    need(decode_all(*decoder, payload, image), path + ", payload");
    return image;
}

Json package_json(const Package& p, std::uint64_t package_bytes) {
    const auto& payload = p.payload;
    return {{"version", pack::to_string(pack::version_of_sequence(p.manifest.sequence))},
            {"class", pack::to_string(p.manifest.device_class)},
            {"vendor_id", pack::to_string(p.manifest.vendor)},
            {"sequence", p.manifest.sequence},
            {"security_counter", p.manifest.security_counter},
            {"payload_format", pack::format_name(payload.format)},
            {"payload_bytes", payload.payload_bytes},
            {"image_bytes", p.manifest.image_bytes},
            {"image_sha256", to_hex(p.manifest.image_digest)},
            {"source_sha256", payload.source_digest ? Json(to_hex(*payload.source_digest)) : Json(nullptr)},
            {"decoder_ram_bytes", payload.decoder_ram_bytes},
            {"block_bytes", payload.block_bytes},
            {"blocks", payload.blocks()},
            {"package_bytes", package_bytes},
            {"package_id", to_hex(p.id)}};
}

std::string package_text(const std::string& path, const Package& p, std::uint64_t package_bytes) {
    std::string text = fmt::format("package  {}, {} bytes, {} of the image's {}\n", path, package_bytes,
                                   percent(package_bytes, p.manifest.image_bytes), p.manifest.image_bytes);
    text += fmt::format("version  {} (sequence {})\n", pack::to_string(pack::version_of_sequence(p.manifest.sequence)),
                        p.manifest.sequence);
    text += fmt::format("class    {}, vendor {}\ncounter  {}\nimage    sha256 {}\n",
                        pack::to_string(p.manifest.device_class), pack::to_string(p.manifest.vendor),
                        p.manifest.security_counter, to_hex(p.manifest.image_digest));
    if (p.payload.source_digest) text += fmt::format("from     sha256 {}\n", to_hex(*p.payload.source_digest));
    text += fmt::format("payload  {}, {} bytes in {} blocks of {}, decoder memory {} bytes\n",
                        pack::format_name(p.payload.format), p.payload.payload_bytes, p.payload.blocks(),
                        p.payload.block_bytes, p.payload.decoder_ram_bytes);
    return text;
}

}  // namespace sb::cli
