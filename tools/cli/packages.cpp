#include "tools/cli/packages.hpp"

#include <fmt/format.h>

#include <array>

#include "core/delta/all_decoders.hpp"
#include "core/install/making.hpp"
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
    return {need(pack::open_builds(file.first(*length), crypto, ring), path + ", envelope"), *length};
}

std::vector<Buffer> check_chains(const std::string& path, Bytes file, const OpenedPackage& opened) {
    OpensslCrypto crypto;
    std::size_t at = opened.envelope_bytes;
    const auto walk = [&](const PayloadDescriptor& described) {
        ChainReader chain(described, 0, described.first_block);
        Buffer payload;
        while (!chain.complete()) {
            const std::string where = fmt::format("{}, block {} at offset {}", path, chain.next_block(), at);
            const std::size_t wire = chain.wire_bytes();
            if (wire > file.size() - at) throw failure_of(Error::truncated, where);
            const Bytes data = need(chain.accept(crypto, file.subspan(at, wire)), where);
            payload.insert(payload.end(), data.begin(), data.end());
            at += wire;
        }
        return payload;
    };
    std::vector<Buffer> payloads;
    for (const Package& build : opened.builds) {
        if (build.payload.reverse) static_cast<void>(walk(reverse_of(build).payload));
        payloads.push_back(walk(build.payload));
    }
    if (at != file.size()) throw failure_of(Error::trailing_data, fmt::format("{}, offset {}", path, at));
    return payloads;
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
    const Making::Part part = part_of(package);  // a way back follows it
    const DecoderSetup setup{
        .format = package.payload.format,
        .image_bytes = bytes,
        .decoder_ram_bytes = ram,
        .old_image = &old_reader,
        .work = {reinterpret_cast<std::uint8_t*>(work.data()), work.size() * sizeof(std::uint64_t)},
        .payload_bytes = part.to,
        .parameters = package.payload.parameters,
        .made_image = &made_reader};
    Decoder* decoder = need(make_decoder(all_decoders, setup, storage), path);
    need(decode_all(*decoder, payload.first(part.to), image), path + ", payload");
    return image;
}

namespace {

Json in_place_json(const PayloadDescriptor& payload) {
    if (!payload.in_place) return nullptr;
    const InPlace& p = *payload.in_place;
    const std::uint32_t back = p.has_way_back ? payload.payload_bytes - p.way_back_from : 0;
    return {{"shift_bytes", p.shift}, {"source_bytes", p.source_bytes}, {"way_back_bytes", back}};
}

std::string in_place_text(const PayloadDescriptor& payload) {
    if (!payload.in_place) return "";
    const InPlace& p = *payload.in_place;
    const std::string back =
        p.has_way_back ? fmt::format("of {} bytes of the payload", payload.payload_bytes - p.way_back_from) : "none";
    return fmt::format("in place the image it starts from is moved up by {} bytes; way back: {}\n", p.shift, back);
}

Json reverse_json(const PayloadDescriptor& payload) {
    if (!payload.reverse) return nullptr;
    const Reverse& reverse = *payload.reverse;
    const auto& in_place = reverse.in_place;
    return {{"payload_format", pack::format_name(in_place ? in_place->format : payload.format)},
            {"payload_bytes", reverse.payload_bytes},
            {"source_bytes", reverse.source_bytes},
            {"source_sha256", to_hex(in_place ? in_place->source_digest : *payload.source_digest)},
            {"shift", in_place ? Json(in_place->shift) : Json(nullptr)},
            {"erase_bytes", in_place ? Json(in_place->erase_bytes) : Json(nullptr)}};
}

/// What undoes the update, where it is in the package.
Json way_back_json(const PayloadDescriptor& payload) {
    const bool has_one = payload.reverse || (payload.in_place && payload.in_place->has_way_back);
    return has_one ? Json("reverse_patch") : Json(nullptr);
}

std::string way_back_text(const PayloadDescriptor& payload) {
    if (payload.reverse)
        return fmt::format("back     a reverse patch of {} bytes{}; it is kept until the new image is confirmed\n",
                           payload.reverse->payload_bytes,
                           payload.reverse->in_place ? fmt::format(" ({}), which works in place",
                                                                   pack::format_name(payload.reverse->in_place->format))
                                                     : "");
    if (payload.in_place && payload.in_place->has_way_back) return "back     a reverse patch undoes it in place\n";
    return "";
}

/// What can differ between the builds of one package.
Json build_json(const Package& p) {
    const auto& payload = p.payload;
    return {{"payload_format", pack::format_name(payload.format)},
            {"payload_bytes", payload.payload_bytes},
            {"image_bytes", p.manifest.image_bytes},
            {"image_sha256", to_hex(p.manifest.image_digest)},
            {"source_sha256", payload.source_digest ? Json(to_hex(*payload.source_digest)) : Json(nullptr)},
            {"decoder_ram_bytes", payload.decoder_ram_bytes},
            {"block_bytes", payload.block_bytes},
            {"blocks", payload.blocks()},
            {"in_place", in_place_json(payload)},
            {"reverse", reverse_json(payload)},
            {"way_back", way_back_json(payload)}};
}

std::string build_text(const Package& p) {
    std::string text = fmt::format("image    sha256 {}\n", to_hex(p.manifest.image_digest));
    if (p.payload.source_digest) text += fmt::format("from     sha256 {}\n", to_hex(*p.payload.source_digest));
    text += fmt::format("payload  {}, {} bytes in {} blocks of {}, decoder memory {} bytes\n",
                        pack::format_name(p.payload.format), p.payload.payload_bytes, p.payload.blocks(),
                        p.payload.block_bytes, p.payload.decoder_ram_bytes);
    return text + in_place_text(p.payload) + way_back_text(p.payload);
}

}  // namespace

const char* build_name(const std::vector<Package>& builds, std::size_t at) {
    return builds.size() == 1 ? "" : at == 0 ? "A" : "B";
}

Json package_json(const std::vector<Package>& builds, std::uint64_t package_bytes) {
    const Package& p = builds.front();
    Json json = {{"version", pack::to_string(pack::version_of_sequence(p.manifest.sequence))},
                 {"class", pack::to_string(p.manifest.device_class)},
                 {"vendor_id", pack::to_string(p.manifest.vendor)},
                 {"sequence", p.manifest.sequence},
                 {"security_counter", p.manifest.security_counter}};
    json.update(build_json(p));
    json["package_bytes"] = package_bytes;
    json["package_id"] = to_hex(p.id);
    if (builds.size() == 1) return json;
    json["builds"] = Json::array();
    for (std::size_t i = 0; i < builds.size(); ++i) {
        Json one = {{"slot", build_name(builds, i)}, {"chain_from", builds[i].chain_from}};
        one.update(build_json(builds[i]));
        json["builds"].push_back(one);
    }
    return json;
}

std::string package_text(const std::string& path, const std::vector<Package>& builds, std::uint64_t package_bytes) {
    const Manifest& m = builds.front().manifest;
    const bool one = builds.size() == 1;
    const std::string share = fmt::format("{} of the image's {}", percent(package_bytes, m.image_bytes), m.image_bytes);
    std::string text =
        fmt::format("package  {}, {} bytes, {}\n", path, package_bytes, one ? share : "a build for each slot");
    text +=
        fmt::format("version  {} (sequence {})\n", pack::to_string(pack::version_of_sequence(m.sequence)), m.sequence);
    text += fmt::format("class    {}, vendor {}\ncounter  {}\n", pack::to_string(m.device_class),
                        pack::to_string(m.vendor), m.security_counter);
    for (std::size_t i = 0; i < builds.size(); ++i) {
        if (!one)
            text += fmt::format("slot     {}: a device that writes it takes {} bytes of the package\n",
                                build_name(builds, i),
                                package_bytes - builds[i].chains_bytes + builds[i].payload.chain_bytes());
        text += build_text(builds[i]);
    }
    return text;
}

}  // namespace sb::cli
