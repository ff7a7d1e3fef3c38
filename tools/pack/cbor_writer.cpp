#include "tools/pack/cbor_writer.hpp"

#include <algorithm>

namespace sb::pack::cbor {

namespace {

// The head of `major` with `argument`: an unsigned integer's, with another major type.
Encoded head(std::uint8_t major, std::uint64_t argument) {
    Encoded out = item(argument);
    out[0] = static_cast<std::uint8_t>(out[0] | major << 5);
    return out;
}

void append(Encoded& to, const Encoded& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

Encoded item(const nlohmann::json& value) {
    return nlohmann::json::to_cbor(value);
}

Encoded bytes(Bytes content) {
    return item(nlohmann::json::binary({content.begin(), content.end()}));
}

Encoded array(std::initializer_list<Encoded> items) {
    return array(std::span(items.begin(), items.size()));
}

Encoded array(std::span<const Encoded> items) {
    Encoded out = head(4, items.size());
    for (const Encoded& each : items) append(out, each);
    return out;
}

Encoded map(std::vector<std::pair<std::int64_t, Encoded>> members) {
    std::vector<std::pair<Encoded, Encoded>> sorted;
    sorted.reserve(members.size());
    for (auto& [key, value] : members) sorted.emplace_back(item(key), std::move(value));
    std::sort(sorted.begin(), sorted.end());
    Encoded out = head(5, sorted.size());
    for (const auto& [key, value] : sorted) {
        append(out, key);
        append(out, value);
    }
    return out;
}

Encoded tagged(std::uint8_t tag, const Encoded& content) {
    Encoded out = head(6, tag);
    append(out, content);
    return out;
}

}  // namespace sb::pack::cbor
