#include "tools/pack/cbor_tree.hpp"

#include <limits>
#include <string>

#include "tools/pack/hex.hpp"

namespace sb::pack {

namespace {

constexpr int max_depth = 16;

// Text as it stands; what is not UTF-8 in it becomes U+FFFD, so that it can always be printed.
std::string text_of(Bytes bytes) {
    using Json = nlohmann::json;
    const std::string raw(bytes.begin(), bytes.end());
    return Json::parse(Json(raw).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

CborItem read(CborReader& r, int depth);

void read_children(CborReader& r, std::size_t count, int depth, CborItem& into) {
    CborKeyOrder order;
    for (std::size_t i = 0; i < count && r.ok(); ++i) {
        const std::size_t from = r.offset();
        into.items.push_back(read(r, depth + 1));
        if (into.type == CborType::map && i % 2 == 0) order.check(r, from);
    }
}

CborItem read(CborReader& r, int depth) {
    CborItem item;
    const std::size_t from = r.offset();
    item.type = r.peek();
    if (depth > max_depth) r.fail(Error::unsupported);
    switch (item.type) {
        case CborType::unsigned_int:
            item.number = r.unsigned64();
            break;
        case CborType::negative_int:
            item.number = static_cast<std::uint64_t>(-1 - std::int64_t{r.integer()});
            break;
        case CborType::bytes:
            item.content = r.bytes();
            break;
        case CborType::text:
            item.content = r.text();
            break;
        case CborType::array:
            read_children(r, r.array(), depth, item);
            break;
        case CborType::map:
            read_children(r, std::size_t{r.map()} * 2, depth, item);
            break;
        case CborType::tag:
            item.number = r.tag();
            read_children(r, 1, depth, item);
            break;
        case CborType::simple:
            item.number = r.simple();
            break;
        case CborType::none:
            r.fail(Error::truncated);
            break;
    }
    item.encoded = r.input().subspan(from, r.offset() - from);
    return item;
}

}  // namespace

std::optional<std::int64_t> CborItem::integer() const {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    if (type == CborType::unsigned_int) return static_cast<std::int64_t>(number);
    if (type == CborType::negative_int) return -1 - static_cast<std::int64_t>(number);
    return std::nullopt;
}

const CborItem* CborItem::find(std::int64_t key) const {
    for (std::size_t i = 0; type == CborType::map && i + 1 < items.size(); i += 2) {
        if (items[i].integer() == key) return &items[i + 1];
    }
    return nullptr;
}

nlohmann::ordered_json CborItem::json() const {
    nlohmann::ordered_json out;
    switch (type) {
        case CborType::unsigned_int:
            return number;
        case CborType::negative_int:
            return *integer();
        case CborType::bytes:
            return to_hex(content);
        case CborType::text:
            return text_of(content);
        case CborType::array:
            out = nlohmann::ordered_json::array();
            for (const CborItem& each : items) out.push_back(each.json());
            return out;
        case CborType::map:
            out = nlohmann::ordered_json::object();
            for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
                const auto key = items[i].json();
                out[key.is_string() ? key.get<std::string>() : key.dump()] = items[i + 1].json();
            }
            return out;
        case CborType::tag:
            return {{"tag", number}, {"value", items[0].json()}};
        case CborType::simple:
            if (number == 20 || number == 21) return number == 21;
            return nullptr;
        case CborType::none:
            break;
    }
    return out;
}

std::expected<CborItem, CborProblem> read_cbor_item(Bytes in) {
    CborReader r(in);
    CborItem item = read(r, 0);
    if (!r.ok()) return std::unexpected(CborProblem{r.error(), r.offset()});
    return item;
}

std::expected<CborItem, CborProblem> read_cbor(Bytes in) {
    auto item = read_cbor_item(in);
    if (item && item->encoded.size() != in.size())
        return std::unexpected(CborProblem{Error::trailing_data, item->encoded.size()});
    return item;
}

}  // namespace sb::pack
