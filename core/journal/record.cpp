#include "core/journal/record.hpp"

#include "core/base/crc32.hpp"

namespace sb {

namespace {

constexpr std::uint8_t magic = 0x53;
constexpr std::uint8_t version = 1;
constexpr unsigned request_shift = 2;  // of the flags
constexpr unsigned data_newer_flag = 16;
constexpr std::size_t crc_at = record_bytes - 4;

template <std::size_t N>
void put(MutableBytes out, std::size_t at, const std::array<std::uint8_t, N>& value) {
    std::memcpy(out.data() + at, value.data(), N);
}

template <std::size_t N>
void get(Bytes in, std::size_t at, std::array<std::uint8_t, N>& value) {
    std::memcpy(value.data(), in.data() + at, N);
}

}  // namespace

void encode_record(const RecordKey& key, const State& state, MutableBytes out) {
    const BootState& b = state.boot;
    const InstallState& i = state.install;
    std::memset(out.data(), 0, record_bytes);
    out[0] = magic;
    out[1] = version;
    store_le<std::uint16_t>(out, 2, key.index);
    store_le<std::uint32_t>(out, 4, key.session);
    out[8] = static_cast<std::uint8_t>(b.phase);
    out[9] = static_cast<std::uint8_t>(b.plan);
    out[10] = static_cast<std::uint8_t>(unsigned{static_cast<std::uint8_t>(b.active)} | unsigned{b.data_format} << 1);
    out[11] = b.tries_left;
    out[12] = static_cast<std::uint8_t>(b.cause);
    out[13] = static_cast<std::uint8_t>((b.confirmed_a ? 1U : 0U) | (b.confirmed_b ? 2U : 0U) |
                                        unsigned{static_cast<std::uint8_t>(b.request)} << request_shift |
                                        (b.data_newer ? data_newer_flag : 0U));
    store_le<std::uint16_t>(out, 18, b.step);
    store_le<std::uint16_t>(out, 20, b.step_count);
    store_le<std::uint16_t>(out, 22, b.transaction);
    store_le<std::uint64_t>(out, 24, b.confirmed_sequence);
    put(out, 32, b.candidate);
    put(out, 40, b.active_digest);
    store_le<std::uint32_t>(out, 48, b.security_floor);
    store_le<std::uint32_t>(out, 52, b.grant_counter);
    store_le<std::uint32_t>(out, 56, b.layout_crc);
    put(out, 60, i.package);
    store_le<std::uint32_t>(out, 68, i.next_block);
    put(out, 72, i.next_digest);
    store_le<std::uint32_t>(out, 88, i.output_bytes);
    put(out, 92, i.checkpoint);
    store_le<std::uint32_t>(out, crc_at, crc32(out.first(crc_at)));
}

bool is_record(Bytes in) {
    // The cheap tests first: a blank slot costs no CRC.
    if (in[0] != magic || in[1] != version) return false;
    if (load_le<std::uint32_t>(in, crc_at) != crc32(in.first(crc_at))) return false;
    return in[8] <= static_cast<std::uint8_t>(Phase::failed) && in[9] <= static_cast<std::uint8_t>(Plan::undo) &&
           in[13] < 2 * data_newer_flag && load_le<std::uint16_t>(in, 18) <= load_le<std::uint16_t>(in, 20) &&
           (in[9] != 0 || load_le<std::uint16_t>(in, 20) == 0);
}

RecordKey record_key(Bytes in) {
    return {load_le<std::uint32_t>(in, 4), load_le<std::uint16_t>(in, 2)};
}

void decode_state(Bytes in, State& out) {
    BootState& b = out.boot;
    InstallState& i = out.install;
    b.phase = static_cast<Phase>(in[8]);
    b.plan = static_cast<Plan>(in[9]);
    b.active = static_cast<SlotId>(in[10] & 1U);
    b.data_format = in[10] >> 1;
    b.tries_left = in[11];
    b.cause = static_cast<Error>(in[12]);
    b.confirmed_a = (in[13] & 1U) != 0;
    b.confirmed_b = (in[13] & 2U) != 0;
    b.request = static_cast<Request>(in[13] >> request_shift & 3U);
    b.data_newer = (in[13] & data_newer_flag) != 0;
    b.step = load_le<std::uint16_t>(in, 18);
    b.step_count = load_le<std::uint16_t>(in, 20);
    b.transaction = load_le<std::uint16_t>(in, 22);
    b.confirmed_sequence = load_le<std::uint64_t>(in, 24);
    get(in, 32, b.candidate);
    get(in, 40, b.active_digest);
    b.security_floor = load_le<std::uint32_t>(in, 48);
    b.grant_counter = load_le<std::uint32_t>(in, 52);
    b.layout_crc = load_le<std::uint32_t>(in, 56);
    get(in, 60, i.package);
    i.next_block = load_le<std::uint32_t>(in, 68);
    get(in, 72, i.next_digest);
    i.output_bytes = load_le<std::uint32_t>(in, 88);
    get(in, 92, i.checkpoint);
}

}  // namespace sb
