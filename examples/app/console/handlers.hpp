// The handlers behind the table of commands: each takes what follows the command's name. They print their own
// complaints.
#pragma once

#include <string_view>

namespace app {

class Application;

namespace handlers {

void version(Application& app, std::string_view args);
void status(Application& app, std::string_view args);
void sensors(Application& app, std::string_view args);
void tasks(Application& app, std::string_view args);
void log(Application& app, std::string_view args);
void selftest(Application& app, std::string_view args);
void alarms(Application& app, std::string_view args);
void trend(Application& app, std::string_view args);

void get(Application& app, std::string_view args);
void set(Application& app, std::string_view args);
void save(Application& app, std::string_view args);
void defaults(Application& app, std::string_view args);

void acknowledge(Application& app, std::string_view args);
void defrost(Application& app, std::string_view args);
void door(Application& app, std::string_view args);
void eco(Application& app, std::string_view args);
void bus(Application& app, std::string_view args);

}  // namespace handlers
}  // namespace app
