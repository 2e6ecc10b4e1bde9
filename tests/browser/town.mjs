// The events of the tests' town, up to noon of 20 June 2025, which is its clock.

export const kClock = "2025-06-20T12:00:00+07:00";
export const kTown = "Sông Hàn",
  kHealth = "Sở Y tế",
  kBuilding = "Sở Xây dựng",
  kWard = "Phường An Hải";
export const kLan = "Phan Lan",
  kHa = "Huỳnh Hà",
  kPhuc = "Lê Phúc",
  kMinh = "Võ Minh";

let ids = 0;
export const event = (type, time, data, id = `e-${++ids}`) => ({
  specversion: "1.0",
  id,
  source: "town",
  type,
  time: `${time}T08:00:00+07:00`,
  data,
});

const task = (name, title, unit, person, due, completed) => [
  event("task.assigned", "2025-06-01", { task: name, title, unit, person, due_at: due }),
  ...(completed ? [event("task.completed", completed, { task: name })] : []),
];

export const conflicting = event(
  "task.assigned",
  "2025-06-01",
  { task: "NV-1", title: "Kiểm tra phòng dịch", unit: kWard, person: kMinh, due_at: "2025-06-05" },
  "same-id",
);

export const events = [
  event("unit.created", "2025-01-01", { unit: kHealth, parent: kTown }),
  event("unit.created", "2025-01-01", { unit: kBuilding, parent: kTown }),
  event("unit.created", "2025-01-01", { unit: kWard, parent: kTown }),
  ...[
    [kLan, kHealth],
    [kHa, kHealth],
    [kPhuc, kBuilding],
    [kMinh, kWard],
  ].map(([person, unit]) => event("person.appointed", "2025-01-01", { person, unit })),
  { ...conflicting, id: "same-id", data: { ...conflicting.data, unit: kHealth, person: kLan } },
  event("task.completed", "2025-06-04", { task: "NV-1" }),
  ...task("NV-2", "Báo cáo dịch tễ tuần", kHealth, kLan, "2025-06-10", "2025-06-12"),
  ...task("NV-3", "Tiếp công dân", kHealth, kLan, "2025-06-28"),
  ...task("NV-4", "Thanh tra nhà thuốc", kHealth, kHa, "2025-06-12"),
  ...task("NV-5", "Mua vật tư y tế", kHealth, kHa, "2025-06-15"),
  ...task("NV-6", "Cấp phép xây dựng", kBuilding, kPhuc, "2025-06-11", "2025-06-09"),
  ...task("NV-7", "Kiểm tra vỉa hè", kWard, kMinh, "2025-06-18", "2025-06-17"),
  ...task("NV-8", "Sửa đường kiệt", kBuilding, kPhuc, "2025-05-11", "2025-05-10"),
  ...[
    ["2025-04-28", 110],
    ["2025-05-28", 160],
  ].map(([time, numerator]) =>
    event("measurement.reported", time, { indicator: "immunised", node: kWard, numerator, denominator: 400 }),
  ),
];
