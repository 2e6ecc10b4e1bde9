#include "connectors/log/kafka_error.h"

#include <fmt/format.h>

#include <memory>

namespace slipstream {
namespace {

ErrorCode code_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return ErrorCode::not_found;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return ErrorCode::offset_out_of_range;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return ErrorCode::record_too_large;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return ErrorCode::already_exists;
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return ErrorCode::invalid_value;
    default:
      return is_fenced(code) ? ErrorCode::fenced : ErrorCode::log_unavailable;
  }
}

std::string_view advice_for(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return "check kafka.sasl.username and kafka.sasl.password";
    case RD_KAFKA_RESP_ERR__SSL:
      return "check kafka.ssl.ca.location and the certificates";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "give this user the right to it (docs/operations.md lists what is needed)";
    default:
      return code_of(code) == ErrorCode::log_unavailable ? "are the brokers reachable?" : "";
  }
}

}  // namespace

bool is_fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

Error kafka_error(rd_kafka_resp_err_t code, std::string_view what, std::string_view reason) {
  if (reason.empty()) reason = rd_kafka_err2str(code);
  const std::string_view advice = advice_for(code);
  std::string message = fmt::format("{}: {}{}{} [{}]", what, reason, advice.empty() ? "" : "; ", advice,
                                    rd_kafka_err2name(code));
  return {code_of(code), std::move(message)};
}

Error kafka_error(rd_kafka_error_t* error, std::string_view what, std::string_view trouble) {
  const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> owned(error,
                                                                                   rd_kafka_error_destroy);
  std::string reason = rd_kafka_error_string(error);
  if (!trouble.empty()) reason.append("; ").append(trouble);
  return kafka_error(rd_kafka_error_code(error), what, reason);
}

tl::unexpected<Error> waited_enough(const TopicPartition& at) {
  return fail(ErrorCode::log_unavailable,
              fmt::format("reading {} {} was given up, for the program ends", at.topic, at.partition.value));
}

}  // namespace slipstream
