// Commands that show and change the parameters.
#include <optional>

#include "application.hpp"
#include "base/parse.hpp"
#include "console/handlers.hpp"

namespace app::handlers {
namespace {

void print_value(Sink& out, const ParameterInfo& info, std::int32_t v) {
    switch (info.decimals) {
        case 0:
            print(out, "{}", v);
            return;
        case 1:
            print(out, "{:.1}", v);
            return;
        default:
            print(out, "{:.2}", v);
            return;
    }
}

void print_parameter(Application& app, Parameter p, bool with_help) {
    const ParameterInfo& info = parameter_info(p);
    Sink& out = app.out();
    print(out, "  {:18}", info.name);
    print_value(out, info, app.parameters().get(p));
    print(out, " {}", info.unit);
    if (with_help) {
        print(out, "   (");
        print_value(out, info, info.least);
        print(out, " to ");
        print_value(out, info, info.most);
        print(out, ", default ");
        print_value(out, info, info.standard);
        print(out, ") {}", info.help);
    }
    print(out, "\n");
}

std::optional<Parameter> named(Application& app, std::string_view name) {
    const auto p = find_parameter(name);
    if (!p) print(app.out(), "no parameter '{}'; 'get' lists them\n", name);
    return p;
}

}  // namespace

void get(Application& app, std::string_view args) {
    const std::string_view name = next_word(args);
    if (name.empty()) {
        for (std::size_t i = 0; i < parameter_count; ++i) print_parameter(app, static_cast<Parameter>(i), false);
        return;
    }
    if (const auto p = named(app, name)) print_parameter(app, *p, true);
}

void set(Application& app, std::string_view args) {
    const std::string_view name = next_word(args);
    const std::string_view text = next_word(args);
    if (name.empty() || text.empty()) {
        print(app.out(), "set NAME VALUE\n");
        return;
    }
    const auto p = named(app, name);
    if (!p) return;
    const ParameterInfo& info = parameter_info(*p);
    const auto value = info.decimals > 0 ? parse_thousandths(text) : parse_int(text);
    if (!value) {
        print(app.out(), "'{}' is not a number\n", text);
        return;
    }
    if (!app.parameters().set(*p, *value)) {
        print(app.out(), "out of range: ");
        print_value(app.out(), info, info.least);
        print(app.out(), " to ");
        print_value(app.out(), info, info.most);
        print(app.out(), " {}\n", info.unit);
        return;
    }
    app.parameters_changed();
    app.note(Event::parameter_changed, static_cast<std::int32_t>(*p));
    print_parameter(app, *p, false);
}

void save(Application& app, std::string_view /*args*/) {
    if (app.store().save(app.parameters())) {
        app.note(Event::config_saved, static_cast<std::int32_t>(app.store().revision()));
        print(app.out(), "saved as revision {}, page {}\n", app.store().revision(), app.store().page());
    } else {
        app.note(Event::config_save_failed, static_cast<std::int32_t>(app.store().page()));
        print(app.out(), "NOT saved: the page does not hold what was written\n");
    }
}

void defaults(Application& app, std::string_view /*args*/) {
    app.parameters().restore_defaults();
    app.parameters_changed();
    print(app.out(), "defaults in use; 'save' keeps them\n");
}

}  // namespace app::handlers
