// The few emoji names the workspace knows; an unknown :name: stays as it was typed, as in Slack.

export const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", clock1: "🕐", stopwatch: "⏱️", alarm_clock: "⏰", bell: "🔔",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠", red_circle: "🔴",
  large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", large_green_square: "🟩", large_red_square: "🟥",
  tada: "🎉", rocket: "🚀", wave: "👋", eyes: "👀", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎",
  key: "🔑", lock: "🔒", unlock: "🔓", closed_lock_with_key: "🔐", link: "🔗", card_index: "📇",
  wastebasket: "🗑️", recycle: "♻️", arrows_counterclockwise: "🔄", repeat: "🔁", construction: "🚧",
  information_source: "ℹ️", question: "❓", grey_question: "❔", exclamation: "❗", bulb: "💡", gear: "⚙️",
  memo: "📝", clipboard: "📋", page_facing_up: "📄", package: "📦", office: "🏢", busts_in_silhouette: "👥",
  bust_in_silhouette: "👤", robot_face: "🤖", email: "📧", envelope: "✉️", inbox_tray: "📥", outbox_tray: "📤",
  ticket: "🎫", admission_tickets: "🎟️", traffic_light: "🚦", railway_track: "🛤️", raised_hand: "✋",
  double_vertical_bar: "⏸️", zzz: "💤", fire: "🔥", boom: "💥", sos: "🆘", cloud: "☁️", star: "⭐", sparkles: "✨",
  arrow_right: "➡️", arrow_up: "⬆️", arrow_down: "⬇️", heavy_minus_sign: "➖", heavy_plus_sign: "➕", calendar: "📆",
  shield: "🛡️", mag: "🔍", point_right: "👉", see_no_evil: "🙈", label: "🏷️", bookmark: "🔖", book: "📖",
};
