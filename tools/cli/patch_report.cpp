#include "tools/cli/patch_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "tools/cli/text.hpp"

namespace sb::cli {
namespace {

double mean_cover_bytes(const diff::PatchInfo& info) {
    if (info.covers.empty()) return 0;
    return static_cast<double>(info.covered_bytes()) / static_cast<double>(info.covers.size());
}

/// Covers of a length from `from` up to twice that.
struct Bin {
    std::uint64_t from = 0;
    std::uint64_t covers = 0;
    std::uint64_t bytes = 0;
};

std::vector<Bin> histogram(const diff::PatchInfo& info) {
    std::vector<Bin> bins;
    for (const diff::PatchCover& cover : info.covers) {
        const auto power = static_cast<std::size_t>(std::bit_width(cover.bytes | 1U)) - 1;
        while (bins.size() <= power) bins.push_back({std::uint64_t{1} << bins.size(), 0, 0});
        ++bins[power].covers;
        bins[power].bytes += cover.bytes;
    }
    std::erase_if(bins, [](const Bin& bin) { return bin.covers == 0; });
    return bins;
}

std::vector<PatchShare> shares(const diff::PatchInfo& info) {
    const std::uint64_t unchanged = info.unchanged_bytes();
    return {{"old file, unchanged", "#2b6cb0", unchanged},
            {"old file, changed", "#dd6b20", info.covered_bytes() - unchanged},
            {"copied from the new file itself", "#6b46c1", info.self_bytes},
            {"one byte repeated", "#718096", info.run_bytes},
            {"carried in the patch", "#c53030", info.extra_bytes}};
}

}  // namespace

std::string html_escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else
            out += c;
    }
    return out;
}

/// One line for each cover, from corner to corner of what it covers; covers too short to be seen share a stroke.
std::string cover_map(const diff::PatchInfo& info, const std::string& beside, double wide) {
    std::uint64_t old_end = info.old_bytes.value_or(0);
    for (const diff::PatchCover& cover : info.covers) old_end = std::max(old_end, cover.old_at + cover.bytes);
    const double x = cover_map_size / static_cast<double>(std::max<std::uint64_t>(old_end, 1));
    const double y = cover_map_size / static_cast<double>(std::max<std::uint64_t>(info.new_bytes, 1));
    std::string covered, carried;
    std::uint64_t at = 0;
    double last_x = -1, last_y = -1;
    const auto gap = [&](std::uint64_t to) {
        const double height = static_cast<double>(to - at) * y;
        if (to > at && height >= 0.05) carried += fmt::format("M-8 {:.2f}v{:.2f}", static_cast<double>(at) * y, height);
    };
    for (const diff::PatchCover& cover : info.covers) {
        const double from_x = static_cast<double>(cover.old_at) * x, from_y = static_cast<double>(cover.new_at) * y;
        const double width = static_cast<double>(cover.bytes) * x, height = static_cast<double>(cover.bytes) * y;
        gap(cover.new_at);
        at = cover.new_at + cover.bytes;
        if (height < 0.3 && std::abs(from_x - last_x) < 0.5 && std::abs(from_y - last_y) < 0.5) continue;
        covered +=
            fmt::format("M{:.2f} {:.2f}l{:.2f} {:.2f}", from_x, from_y, std::max(width, 0.4), std::max(height, 0.4));
        last_x = from_x;
        last_y = from_y;
    }
    gap(info.new_bytes);
    return fmt::format(
        "<svg viewBox='-60 -30 {0} {1}' width='{0}' height='{1}' role='img' aria-label='cover map'>\n"
        "<rect x='0' y='0' width='{2}' height='{2}' fill='#f7fafc' stroke='#a0aec0'/>\n"
        "<path d='{3}' stroke='#2b6cb0' stroke-width='1.5' fill='none' stroke-linecap='round'/>\n"
        "<path d='{4}' stroke='#c53030' stroke-width='6' fill='none'/>\n"
        "<text x='0' y='-10'>old file, {5} bytes →</text>\n"
        "<text x='-20' y='0' transform='rotate(-90 -20 0)' text-anchor='end'>← new file, {6} bytes</text>\n"
        "<g transform='translate({7} 0)'>{8}</g></svg>\n",
        cover_map_size + 80 + wide, cover_map_size + 50, cover_map_size, covered, carried, old_end, info.new_bytes,
        cover_map_size + 20, beside);
}

std::string share_bars(const std::vector<PatchShare>& shares, std::uint64_t new_bytes) {
    std::string html = "<table>";
    for (const PatchShare& share : shares)
        html += fmt::format(
            "<tr><td>{}</td><td class='n'>{}</td><td class='n'>{}</td><td><div style='background:{};width:{:.1f}px'>"
            "</div></td></tr>\n",
            share.name, share.bytes, percent(share.bytes, new_bytes), share.colour,
            220.0 * static_cast<double>(share.bytes) / static_cast<double>(std::max<std::uint64_t>(new_bytes, 1)));
    return html + "</table>\n";
}

std::string share_text(const std::vector<PatchShare>& shares, std::uint64_t new_bytes) {
    std::string text;
    for (const PatchShare& share : shares)
        if (share.bytes != 0)
            text +=
                fmt::format("from     {}: {} bytes, {}\n", share.name, share.bytes, percent(share.bytes, new_bytes));
    return text;
}

std::string cover_text(const diff::PatchInfo& info) {
    std::string text =
        fmt::format("covers   {} of {:.0f} bytes on average\n", info.covers.size(), mean_cover_bytes(info));
    for (const Bin& bin : histogram(info))
        text += fmt::format("         {:>9} … {:<9} {:>8} covers {:>10} bytes\n", bin.from, 2 * bin.from - 1,
                            bin.covers, bin.bytes);
    return text;
}

std::string histogram_bars(const diff::PatchInfo& info) {
    const auto bins = histogram(info);
    std::uint64_t most = 1;
    for (const Bin& bin : bins) most = std::max(most, bin.covers);
    std::string html = "<table><tr><th>length</th><th>covers</th><th>bytes</th><th></th></tr>\n";
    for (const Bin& bin : bins)
        html += fmt::format(
            "<tr><td class='n'>{} – {}</td><td class='n'>{}</td><td class='n'>{}</td><td><div "
            "style='background:#2b6cb0;width:{:.1f}px'></div></td></tr>\n",
            bin.from, 2 * bin.from - 1, bin.covers, bin.bytes,
            220.0 * static_cast<double>(bin.covers) / static_cast<double>(most));
    return html + "</table>\n";
}

std::string block_table(const diff::PatchInfo& info) {
    std::string html = "<table><tr><th>block</th><th>in the patch</th><th>unpacked</th></tr>\n";
    for (const diff::PatchBlock& block : info.blocks)
        html += fmt::format("<tr><td>{}</td><td class='n'>{}</td><td class='n'>{}</td></tr>\n",
                            html_escaped(block.name), block.packed_bytes, block.plain_bytes);
    return html + "</table>\n";
}

Json patch_json(const diff::PatchInfo& info, std::uint64_t patch_bytes) {
    Json segments = Json::array(), blocks = Json::array(), bins = Json::array();
    for (const diff::SegmentInfo& s : info.segments)
        segments.push_back({{"packed_bytes", s.packed_bytes}, {"plain_bytes", s.plain_bytes}});
    for (const diff::PatchBlock& b : info.blocks)
        blocks.push_back({{"name", b.name}, {"packed_bytes", b.packed_bytes}, {"plain_bytes", b.plain_bytes}});
    for (const Bin& b : histogram(info))
        bins.push_back({{"from_bytes", b.from}, {"covers", b.covers}, {"bytes", b.bytes}});
    return {{"kind", "patch"},
            {"format", info.format},
            {"patch_bytes", patch_bytes},
            {"old_bytes", info.old_bytes ? Json(*info.old_bytes) : Json(nullptr)},
            {"new_bytes", info.new_bytes},
            {"decoder_ram_bytes", info.decoder_ram_bytes},
            {"dictionary_bytes", info.dictionary_bytes},
            {"covers", info.covers.size()},
            {"mean_cover_bytes", mean_cover_bytes(info)},
            {"cover_histogram", bins},
            {"diff_bytes", info.covered_bytes()},
            {"unchanged_bytes", info.unchanged_bytes()},
            {"self_bytes", info.self_bytes},
            {"run_bytes", info.run_bytes},
            {"extra_bytes", info.extra_bytes},
            {"blocks", blocks},
            {"segments", segments}};
}

std::string patch_text(const std::string& path, const diff::PatchInfo& info, std::uint64_t patch_bytes) {
    std::string text =
        fmt::format("patch    {}, {}, {} bytes that make {}\n", path, info.format, patch_bytes, info.new_bytes);
    if (info.decoder_ram_bytes != 0 || info.payload)
        text += fmt::format("decoder  {} bytes of memory, dictionary {}, {} segments\n", info.decoder_ram_bytes,
                            info.dictionary_bytes, info.segments.size());
    for (const diff::PatchBlock& block : info.blocks)
        text += fmt::format("block    {}: {} bytes, {} unpacked\n", block.name, block.packed_bytes, block.plain_bytes);
    if (info.payload == PayloadFormat::lzma) return text;
    return text + cover_text(info) + share_text(shares(info), info.new_bytes);
}

std::string html_page(const std::string& title, const std::string& heading, const std::string& body) {
    return fmt::format(
        "<!doctype html>\n<html lang='en'><meta charset='utf-8'><title>{0}</title>\n<style>\n"
        "body{{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1400px;color:#1a202c}}\n"
        "main{{display:flex;flex-wrap:wrap;gap:2em}} td,th{{padding:.1em .8em .1em 0;text-align:left}}\n"
        ".n{{text-align:right;font-variant-numeric:tabular-nums}} td div{{height:.9em;min-width:1px}}\n"
        "h1{{font-size:1.4em}} h2{{font-size:1.1em}} svg text{{font-size:13px}}\n</style>\n"
        "<h1>{1}</h1>\n<main>{2}</main></html>\n",
        html_escaped(title), html_escaped(heading), body);
}

std::string patch_page(const std::string& path, const diff::PatchInfo& info, std::uint64_t patch_bytes) {
    return html_page(
        path,
        fmt::format("{}: {}, {} bytes, {} of the new file's {}", path, info.format, patch_bytes,
                    percent(patch_bytes, info.new_bytes), info.new_bytes),
        fmt::format(
            "<section><h2>Cover map</h2>\n{}<p>Blue: made from the old file. Red, at the left: not from the old "
            "file.</p></section>\n<section><h2>Where the new file comes from</h2>\n{}<h2>Covers by length</h2>\n"
            "<p>{} covers of {:.0f} bytes on average</p>\n{}<h2>Blocks</h2>\n{}</section>",
            cover_map(info), share_bars(shares(info), info.new_bytes), info.covers.size(), mean_cover_bytes(info),
            histogram_bars(info), block_table(info)));
}

}  // namespace sb::cli
