#include "tools/pack/proof.hpp"

#include <algorithm>

#include "tools/pack/cbor_tree.hpp"
#include "tools/pack/cbor_writer.hpp"

namespace sb::pack {

namespace {

constexpr unsigned kind_of_claim = 1;  // the only one so far
constexpr std::size_t most_name_bytes = 32;
constexpr std::size_t count_bytes = 4;

constexpr std::array counts = {&Proof::operations, &Proof::cuts,         &Proof::ended_new,
                               &Proof::ended_old,  &Proof::ended_golden, &Proof::update_mode,
                               &Proof::dead,       &Proof::max_boots,    &Proof::max_steps};

// Of a UTF-8 text no character is cut.
std::string start_of(const std::string& name) {
    std::size_t bytes = std::min(name.size(), most_name_bytes);
    while (bytes != 0 && bytes < name.size() && (static_cast<unsigned char>(name[bytes]) & 0xC0U) == 0x80) --bytes;
    return name.substr(0, bytes);
}

void add_number(std::vector<std::uint8_t>& numbers, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) numbers.push_back(static_cast<std::uint8_t>(value >> shift));
}

}  // namespace

std::vector<std::uint8_t> encode_proof(const Proof& proof) {
    std::vector<std::uint8_t> numbers;
    add_number(numbers, proof.layout_crc);
    for (const auto count : counts) add_number(numbers, proof.*count);
    return cbor::array({cbor::item(kind_of_claim), cbor::item(start_of(proof.layout)), cbor::bytes(proof.source),
                        cbor::bytes(numbers)});
}

std::optional<Proof> decode_proof(Bytes claims) {
    const auto claim = read_cbor(claims);
    if (!claim || claim->type != CborType::array || claim->items.size() != 4) return std::nullopt;
    const auto& items = claim->items;
    const Bytes source = items[2].content, numbers = items[3].content;
    const bool shaped = items[0].integer() == kind_of_claim && items[1].type == CborType::text &&
                        items[2].type == CborType::bytes && items[3].type == CborType::bytes;
    if (!shaped || source.size() != sizeof(ShortDigest) || numbers.size() != (counts.size() + 1) * count_bytes)
        return std::nullopt;
    Proof proof{.layout = {items[1].content.begin(), items[1].content.end()},
                .layout_crc = load_be<std::uint32_t>(numbers, 0)};
    std::ranges::copy(source, proof.source.begin());
    for (std::size_t i = 0; i < counts.size(); ++i)
        proof.*counts[i] = load_be<std::uint32_t>(numbers, (i + 1) * count_bytes);
    return proof;
}

}  // namespace sb::pack
