#include "tools/cli/journal_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error_name.hpp"
#include "core/journal/journal.hpp"
#include "sim/device/status.hpp"
#include "tools/cli/device_report.hpp"
#include "tools/pack/hex.hpp"

namespace sb::cli {
namespace {

void newest_first(JournalReport& report) {
    std::ranges::stable_sort(report.records,
                             [](const auto& a, const auto& b) { return newer(a.record.key, b.record.key); });
}

Json record_json(const JournalReport::Found& found) {
    const BootState& boot = found.record.state.boot;
    const InstallState& install = found.record.state.install;
    return {{"offset", found.offset},
            {"session", found.record.key.session},
            {"index", found.record.key.index},
            {"state", sim::phase_name(boot.phase)},
            {"active", slot_name(boot.active)},
            {"tries_left", boot.tries_left},
            {"cause", error_name(boot.cause)},
            {"transaction", boot.transaction},
            {"candidate", to_hex(boot.candidate)},
            {"active_digest", to_hex(boot.active_digest)},
            {"security_floor", boot.security_floor},
            {"confirmed_sequence", boot.confirmed_sequence},
            {"package", to_hex(install.package)},
            {"next_block", install.next_block},
            {"output_bytes", install.output_bytes}};
}

std::string record_line(const JournalReport::Found& found) {
    const BootState& boot = found.record.state.boot;
    return fmt::format("  0x{:06x}  {:>5}.{:<4}  {:<9}  active {}  tries {}  block {}, {} bytes  {}\n", found.offset,
                       found.record.key.session, found.record.key.index, sim::phase_name(boot.phase),
                       slot_name(boot.active), boot.tries_left, found.record.state.install.next_block,
                       found.record.state.install.output_bytes,
                       boot.cause == Error::none ? "" : error_name(boot.cause));
}

}  // namespace

JournalReport journal_of(const Region& region) {
    JournalReport report;
    report.is_region = true;
    Journal journal(region);
    report.sealed = journal.open() && journal.sealed();
    const auto pages = journal_pages_of(region);
    if (!pages) return report;
    for (std::uint32_t p = 0; p < pages->page.size(); ++p)
        for (std::uint32_t i = 0; i < pages->records(p); ++i) {
            const std::uint32_t offset = pages->page[p].offset + i * pages->stride;
            if (const auto record = read_journal_record(region, offset)) report.records.push_back({offset, *record});
        }
    newest_first(report);
    return report;
}

JournalReport journal_in(Bytes dump) {
    JournalReport report;
    for (std::size_t at = 0; at + record_bytes <= dump.size(); at += record_bytes) {
        const Bytes bytes = dump.subspan(at, record_bytes);
        if (!is_record(bytes)) continue;
        Record record{.key = record_key(bytes), .state = {}};
        decode_state(bytes, record.state);
        report.records.push_back({static_cast<std::uint32_t>(at), record});
    }
    newest_first(report);
    return report;
}

Json journal_json(const JournalReport& report) {
    Json records = Json::array();
    for (const auto& found : report.records) records.push_back(record_json(found));
    Json json = {{"records", records}};
    if (report.is_region) json["sealed"] = report.sealed;
    return json;
}

std::string journal_text(const JournalReport& report) {
    std::string text = fmt::format("journal  {} valid records, newest first", report.records.size());
    if (report.is_region) text += report.sealed ? "; the newest state is proven" : "; the newest state is not proven";
    text += "\n";
    for (const auto& found : report.records) text += record_line(found);
    return text;
}

}  // namespace sb::cli
