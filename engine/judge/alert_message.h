// The public form of alerts: CloudEvents in binary mode, for the topics of all transitions and of the latest
// states.
//
// Headers: ce_specversion, ce_id, ce_source, ce_type, ce_subject, ce_time, ce_partitionkey, ce_traceparent
// when known, content-type. Key: the alert id. Body: JSON whose members are named as Alertmanager names them
// where it has one (status, labels, annotations, startsAt, endsAt, fingerprint, generatorURL), or by choice
// the journal's FlatBuffer. docs/alerts.md describes every member.
#pragma once

#include <string>
#include <vector>

#include "engine/judge/alert_record.h"
#include "engine/log/event_log.h"

namespace slipstream {

enum class AlertEncoding : std::uint8_t { json, flatbuffers };

struct AlertMessageOptions {
  std::string source = "/slipstream";  // ce_source: a URI reference that names the deployment
  std::string console_url;             // generatorURL = console_url + "/alerts/" + id; empty: no link
  AlertEncoding encoding = AlertEncoding::json;
};

struct AlertMessage {
  std::string key;
  std::string value;
  std::vector<Header> headers;
  Timestamp timestamp;  // of the transition
};

// One transition. ce_type "alert.transitioned", "alert.acknowledged" or "alert.silenced"; ce_id the
// transition's id.
AlertMessage transition_message(const AlertRecord& record, const AlertMessageOptions& options);

// The alert as it now is, for the compacted topic: ce_type "alert.state"; ce_id the id of its last
// transition.
AlertMessage state_message(const AlertRecord& record, const AlertMessageOptions& options);

}  // namespace slipstream
