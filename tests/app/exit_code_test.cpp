// Every error code has an exit code, and it says whose turn it is.
#include "engine/app/exit_code.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

ExitCode of(ErrorCode code) { return exit_code_of({code, ""}); }

TEST(ExitCodeTest, FollowsTheBlameOfTheError) {
  EXPECT_EQ(of(ErrorCode::usage), ExitCode::usage);
  for (const ErrorCode code :
       {ErrorCode::syntax, ErrorCode::unknown_key, ErrorCode::unknown_name, ErrorCode::type_mismatch,
        ErrorCode::invalid_value, ErrorCode::duplicate_name, ErrorCode::not_supported})
    EXPECT_EQ(of(code), ExitCode::bad_configuration) << name_of(code);
  for (const ErrorCode code :
       {ErrorCode::malformed_record, ErrorCode::wrong_type, ErrorCode::invalid_transition})
    EXPECT_EQ(of(code), ExitCode::bad_data) << name_of(code);
  for (const ErrorCode code : {ErrorCode::unreadable_file, ErrorCode::io, ErrorCode::disk_full})
    EXPECT_EQ(of(code), ExitCode::io) << name_of(code);
  for (const ErrorCode code : {ErrorCode::log_unavailable, ErrorCode::not_found, ErrorCode::store_corrupt,
                               ErrorCode::already_exists, ErrorCode::offset_out_of_range})
    EXPECT_EQ(of(code), ExitCode::dependency_unavailable) << name_of(code);
  EXPECT_EQ(of(ErrorCode::fenced), ExitCode::try_again);
  EXPECT_EQ(of(ErrorCode::internal), ExitCode::bug);
}

TEST(ExitCodeTest, NumbersAreThoseOfTheDocumentation) {
  EXPECT_EQ(static_cast<int>(ExitCode::problems_found), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::usage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::bad_data), 65);
  EXPECT_EQ(static_cast<int>(ExitCode::dependency_unavailable), 69);
  EXPECT_EQ(static_cast<int>(ExitCode::bug), 70);
  EXPECT_EQ(static_cast<int>(ExitCode::io), 74);
  EXPECT_EQ(static_cast<int>(ExitCode::try_again), 75);
  EXPECT_EQ(static_cast<int>(ExitCode::bad_configuration), 78);
  EXPECT_EQ(static_cast<int>(ExitCode::interrupted), 130);
}

}  // namespace
}  // namespace slipstream
