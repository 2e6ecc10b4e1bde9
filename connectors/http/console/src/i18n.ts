// What the console says, in Vietnamese and English. A word that only the definitions know (a measure's name, a severity) is
// looked up in `words`, and shown as it is when it is not there.
import { createContext } from "preact";
import { useContext } from "preact/hooks";

export type Language = "vi" | "en";

const vi = {
  board: "Bảng điểm", alerts: "Cảnh báo", report: "Báo cáo kỳ", health: "Vận hành", ranking: "Xếp hạng", officer: "Công việc",
  skip: "Đến nội dung chính", menu: "Trang", language: "Ngôn ngữ", theme: "Giao diện", auto: "Tự động", light: "Sáng", dark: "Tối",
  search: "Tìm đơn vị, cán bộ", searchNone: "Không tìm thấy", searchCount: (n: number) => `${n} kết quả`,
  live: "Trực tiếp", connecting: "Đang kết nối", lost: "Mất kết nối – số liệu có thể đã cũ", asOf: "Số liệu đến",
  incomplete: "Số liệu chưa đầy đủ: hệ thống đang đọc nốt nhật ký sự kiện.",
  loading: "Đang tải…", retry: "Thử lại", nothing: "Chưa có số liệu", none: "Không có", unreachable: "Máy chủ không trả lời.",
  notFound: "Không có trang này", noFigure: "không có số liệu",
  green: "Đạt", amber: "Cần chú ý", red: "Chậm", grey: "Chưa đánh giá",
  period: "Kỳ", now: "Hiện tại", before: "Kỳ trước", after: "Kỳ sau", month: (m: string) => `Tháng ${Number(m.slice(5, 7))}/${m.slice(0, 4)}`,
  kind: "Loại kỳ", ownKind: "Theo chỉ tiêu", show: "Hiện chỉ tiêu", all: "Tất cả", slipping: "Có đơn vị chậm", find: "Lọc chỉ tiêu", worstFirst: "Xấu trước",
  unit: "Đơn vị", indicator: "Chỉ tiêu", whole: "Toàn đơn vị", own: "Chỉ tiêu của", statusOf: "Tình trạng", units: "Đơn vị trực thuộc",
  path: "Vị trí trong tổ chức", seeTasks: "Xem công việc", printIt: "In báo cáo", rank: "Xếp hạng",
  noBelow: "Không có đơn vị nào có chỉ tiêu ở dưới.", boardCaption: "Tình trạng chỉ tiêu theo đơn vị", noneSlips: "Không chỉ tiêu nào chậm",
  actual: "Thực hiện", expected: "Kỳ vọng", target: "Chỉ tiêu giao", gap: "Chênh lệch", attainment: "Mức hoàn thành", forecast: "Dự báo cuối kỳ",
  window: "Kỳ", history: "Diễn biến", chart: "Biểu đồ diễn biến", made: "Số này gồm những gì", formula: "Công thức", sum: "Tổng cộng", stored: "Số đang báo cáo",
  addsUp: "Cộng lại khớp với số đang báo cáo", addsNot: "Cộng lại KHÔNG khớp với số đang báo cáo", shownOf: (n: number, all: string) => `Đang hiện ${n} trên ${all} mục; tổng tính trên tất cả`,
  more: "Hiện thêm", holder: "Nơi thực hiện", item: "Mục", at: "Ngày tính", due: "Hạn", done: "Xong", state: "Tình trạng", events: "Sự kiện", below: "Theo đơn vị trực thuộc",
  better: { higher: "Càng cao càng tốt", lower: "Càng thấp càng tốt", range: "Trong khoảng" } as Record<string, string>,
  above: (value: string, expected: string, gap: string) => `Đạt ${value}, tốt hơn mức kỳ vọng ${expected} (${gap}).`,
  behind: (value: string, expected: string, gap: string) => `Đạt ${value}, kém mức kỳ vọng ${expected} (${gap}).`,
  even: (value: string, expected: string) => `Đạt ${value}, đúng mức kỳ vọng ${expected}.`,
  unjudged: (value: string) => `Đạt ${value}. Chưa có chỉ tiêu để so sánh.`, missing: "Chưa có số liệu cho kỳ này.",
  tasks: "Nhiệm vụ trong kỳ", scores: "Kết quả của tôi", noTasks: "Không có nhiệm vụ nào trong kỳ này.", openTask: "Đang làm",
  severity: "Mức độ", since: "Từ", rule: "Quy tắc", onlyActive: "Chỉ cảnh báo còn hiệu lực", anySeverity: "Mọi mức", acknowledge: "Tiếp nhận", silence: "Tắt tiếng",
  person: "Người xử lý", note: "Ghi chú", followUp: "Ngày kiểm tra lại", until: "Đến ngày", send: "Gửi", cancel: "Bỏ", sent: "Đã ghi vào nhật ký.",
  noAlerts: "Không có cảnh báo nào.", alertHistory: "Lịch sử cảnh báo", alertCount: (n: number) => `${n} cảnh báo`, from: "Trước", to: "Sau",
  rankOf: (kpi: string, node: string) => `${kpi}: xếp hạng trong ${node}`, place: "Hạng",
  reportOf: (node: string) => `Báo cáo tình trạng chỉ tiêu: ${node}`, reportMade: "In từ Slipstream", attention: "Chỉ tiêu cần xử lý ở đơn vị trực thuộc", openAlerts: "Cảnh báo còn hiệu lực", noAttention: "Không có chỉ tiêu nào chậm hoặc cần chú ý.",
  ready: "Sẵn sàng", notReady: "Chưa sẵn sàng", checks: "Kiểm tra", shards: "Phân mảnh", shard: "Mảnh", backlog: "Đang chờ xử lý", lag: "Trễ đồng hồ", seconds: "giây", received: "Đã nhận", folded: "Đã tính", duplicates: "Trùng", refused: "Bị từ chối", late: "Muộn", commits: "Lần ghi", transitions: "Chuyển trạng thái cảnh báo", clock: "Đồng hồ", definitions: "Phiên bản định nghĩa", trouble: "Sự cố", unknown: "chưa rõ",
  deadLetters: "Bản ghi bị từ chối", noDeadLetters: "Không có bản ghi nào bị từ chối.", offset: "Vị trí", code: "Mã lỗi", reason: "Lý do", stage: "Bước", replayed: "Đã phát lại", look: "Xem", replay: "Phát lại", bytes: "Nội dung gốc", replaySent: "Đã đưa vào nhật ký để tính lại.", replayMissing: "Máy chủ này chưa phát lại được qua HTTP; dùng lệnh slipstream dlq replay.", close: "Đóng", key: "Khóa", page: (n: number) => `Hiện ${n} bản ghi`,
  yes: "có", no: "không",
};

const en: typeof vi = {
  board: "Scoreboard", alerts: "Alerts", report: "Period report", health: "Health", ranking: "Ranking", officer: "Work",
  skip: "To the main content", menu: "Pages", language: "Language", theme: "Appearance", auto: "Automatic", light: "Light", dark: "Dark",
  search: "Find a unit or person", searchNone: "Nothing found", searchCount: (n) => `${n} found`,
  live: "Live", connecting: "Connecting", lost: "Disconnected – figures may be old", asOf: "Figures as of",
  incomplete: "Figures are incomplete: the event log is still being caught up with.",
  loading: "Loading…", retry: "Try again", nothing: "No figures yet", none: "None", unreachable: "The server does not answer.",
  notFound: "There is no such page", noFigure: "no figure",
  green: "On track", amber: "At risk", red: "Behind", grey: "Not judged",
  period: "Period", now: "Now", before: "Earlier", after: "Later", month: (m) => `${["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"][Number(m.slice(5, 7)) - 1]} ${m.slice(0, 4)}`,
  kind: "Kind of period", ownKind: "As defined", show: "Show indicators", all: "All", slipping: "Some unit is behind", find: "Filter indicators", worstFirst: "Worst first",
  unit: "Unit", indicator: "Indicator", whole: "All together", own: "Indicators of", statusOf: "Status", units: "Units below",
  path: "Place in the organisation", seeTasks: "See the work", printIt: "Print report", rank: "Ranking",
  noBelow: "No unit below has indicators.", boardCaption: "Status of indicators by unit", noneSlips: "No indicator is behind",
  actual: "Actual", expected: "Expected", target: "Target", gap: "Gap", attainment: "Attainment", forecast: "Forecast for the end",
  window: "Period", history: "History", chart: "Chart of the history", made: "What this figure is made of", formula: "Formula", sum: "Sum", stored: "Figure as reported",
  addsUp: "Adds up to the figure as reported", addsNot: "Does NOT add up to the figure as reported", shownOf: (n, all) => `${n} of ${all} items shown; the sum is of all`,
  more: "Show more", holder: "Held by", item: "Item", at: "Counts on", due: "Due", done: "Done", state: "State", events: "Events", below: "By unit below",
  better: { higher: "Higher is better", lower: "Lower is better", range: "Within a range" },
  above: (value, expected, gap) => `At ${value}, better than the ${expected} expected (${gap}).`,
  behind: (value, expected, gap) => `At ${value}, worse than the ${expected} expected (${gap}).`,
  even: (value, expected) => `At ${value}, just as expected (${expected}).`,
  unjudged: (value) => `At ${value}. There is no target to hold it against.`, missing: "There is no figure for this period.",
  tasks: "Tasks of the period", scores: "My score", noTasks: "There is no task in this period.", openTask: "In progress",
  severity: "Severity", since: "Since", rule: "Rule", onlyActive: "Only those that stand", anySeverity: "Any severity", acknowledge: "Acknowledge", silence: "Silence",
  person: "Taken care of by", note: "Note", followUp: "Follow up on", until: "Until", send: "Send", cancel: "Cancel", sent: "It is in the log.",
  noAlerts: "There is no alert.", alertHistory: "History of the alert", alertCount: (n) => `${n} alert${n === 1 ? "" : "s"}`, from: "From", to: "To",
  rankOf: (kpi, node) => `${kpi}: ranking within ${node}`, place: "Rank",
  reportOf: (node) => `Status of indicators: ${node}`, reportMade: "Printed from Slipstream", attention: "Indicators that need attention in units below", openAlerts: "Alerts that stand", noAttention: "No indicator is behind or at risk.",
  ready: "Ready", notReady: "Not ready", checks: "Checks", shards: "Shards", shard: "Shard", backlog: "Backlog", lag: "Clock lag", seconds: "s", received: "Received", folded: "Folded", duplicates: "Duplicates", refused: "Dead-lettered", late: "Late", commits: "Commits", transitions: "Alert transitions", clock: "Clock", definitions: "Definitions", trouble: "Trouble", unknown: "not known",
  deadLetters: "Dead letters", noDeadLetters: "Nothing was refused.", offset: "Offset", code: "Code", reason: "Reason", stage: "Stage", replayed: "Replayed", look: "Look", replay: "Replay", bytes: "Original bytes", replaySent: "It is in the log again.", replayMissing: "This server cannot replay over HTTP; use slipstream dlq replay.", close: "Close", key: "Key", page: (n) => `${n} records shown`,
  yes: "yes", no: "no",
};

export type Texts = typeof vi;
const texts: Record<Language, Texts> = { vi, en };

const words: Record<Language, Record<string, string>> = {
  vi: {
    on_time: "Đúng hạn", late: "Trễ hạn", overdue: "Quá hạn", due: "Đến hạn", returned: "Trả lại", day: "Ngày", week: "Tuần", month: "Tháng", quarter: "Quý",
    year: "Năm", cumulative: "Lũy kế", year_to_date: "Từ đầu năm", info: "Thông tin", warning: "Cảnh báo", critical: "Nghiêm trọng",
    inactive: "Không hoạt động", pending: "Chờ xác nhận", firing: "Đang cảnh báo", recovering: "Đang hồi phục", resolved: "Đã hết", superseded: "Đã thay thế", expired: "Hết kỳ",
    acknowledged: "Đã tiếp nhận", silenced: "Đã tắt tiếng",
    "task.assigned": "Giao việc", "task.progressed": "Báo tiến độ", "task.completed": "Hoàn thành", "task.accepted": "Nghiệm thu", "task.returned": "Trả lại", "task.extended": "Gia hạn",
    "task.delay_excused": "Chấp nhận trễ", "task.reassigned": "Chuyển người", "task.cancelled": "Hủy", "task.suspended": "Tạm dừng", "task.resumed": "Tiếp tục", "task.reopened": "Mở lại",
    "measurement.reported": "Báo cáo số liệu", "measurement.corrected": "Đính chính", "measurement.retracted": "Rút số liệu", observation: "Số đo",
  },
  en: {
    on_time: "On time", year_to_date: "Year to date",
    "task.assigned": "Assigned", "task.progressed": "Progress", "task.completed": "Completed", "task.accepted": "Accepted", "task.returned": "Returned", "task.extended": "Extended",
    "task.delay_excused": "Delay excused", "task.reassigned": "Reassigned", "task.cancelled": "Cancelled", "task.suspended": "Suspended", "task.resumed": "Resumed", "task.reopened": "Reopened",
    "measurement.reported": "Reported", "measurement.corrected": "Corrected", "measurement.retracted": "Retracted", observation: "Reading",
  },
};

export function wordIn(language: Language, name: string): string {
  const known = words[language][name];
  if (known) return known;
  const plain = name.replace(/_/g, " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

export function firstLanguage(): Language {
  const kept = localStorage.getItem("language");
  if (kept === "vi" || kept === "en") return kept;
  const asked = navigator.languages.find((tag) => /^(vi|en)\b/i.test(tag));
  return asked?.toLowerCase().startsWith("en") ? "en" : "vi";
}

export interface Speech { language: Language; t: Texts; word: (name: string) => string }
export const speechIn = (language: Language): Speech =>
  ({ language, t: texts[language], word: (name) => wordIn(language, name) });
export const SpeechContext = createContext<Speech>(speechIn("vi"));
export const useSpeech = () => useContext(SpeechContext);
