"""Every text of the pages, in both languages. Templates name these and hold no words of their own."""

from collections.abc import Mapping

from core.hit import Level
from core.language import Text
from core.status import ProcessState

PRODUCT = Text("Canh", "Canh")
TAGLINE = Text("Giám sát an ninh mạng", "Cybersecurity monitoring")

# The frame of every page
SKIP_TO_CONTENT = Text("Đến nội dung chính", "Skip to the content")
MAIN_NAVIGATION = Text("Điều hướng chính", "Main navigation")
NAV_ALERTS = Text("Cảnh báo", "Alerts")
NAV_EVENTS = Text("Sự kiện", "Events")
NAV_ORGANISATION = Text("Tổ chức", "Organisation")
NAV_ADMINISTRATION = Text("Quản trị", "Administration")
NAV_UNITS = Text("Đơn vị", "Units")
NAV_POSTS = Text("Nhân sự", "People")
NAV_ROSTER = Text("Lịch trực", "Roster")
NAV_STATUS = Text("Trạng thái", "Status")
NAV_REVIEW = Text("Rà soát quyền", "Access review")
NAV_AUDIT = Text("Kiểm toán", "Audit")
SIGNED_IN_AS = Text("Đang đăng nhập: {name}", "Logged in as {name}")
LOG_OUT = Text("Đăng xuất", "Log out")
LANGUAGE = Text("Ngôn ngữ", "Language")
VIETNAMESE = Text("Tiếng Việt", "Tiếng Việt")
ENGLISH = Text("English", "English")
THEME = Text("Giao diện", "Theme")
THEMES: Mapping[str, Text] = {
    "auto": Text("Theo máy", "System"),
    "light": Text("Sáng", "Light"),
    "dark": Text("Tối", "Dark"),
}
KEYS = Text("Phím tắt", "Keyboard")
CLOSE_DIALOG = Text("Đóng lại", "Close")
FOOTER_WORKING = Text("Mọi tiến trình đang hoạt động", "Every process works")
FOOTER_NOT_WORKING = Text("Có tiến trình không hoạt động", "A process does not work")
FOOTER_BACKLOG = Text("tồn đọng {count}", "backlog {count}")
FOOTER_DROPPED = Text("mất {count}", "lost {count}")

# Keys
KEY_MEANINGS: tuple[tuple[str, Text], ...] = (
    ("j", Text("dòng kế tiếp", "next row")),
    ("k", Text("dòng trước", "row before")),
    ("Enter", Text("mở cảnh báo", "open the alert")),
    ("a", Text("tiếp nhận", "acknowledge")),
    ("c", Text("đóng cảnh báo (chọn lý do)", "close the alert (choose a reason)")),
    ("u", Text("về danh sách cảnh báo", "back to the alerts")),
    ("/", Text("đến ô tìm kiếm", "go to the search bar")),
    ("?", Text("bảng phím tắt này", "this list of keys")),
)

# Log-in and first run
LOG_IN_TITLE = Text("Đăng nhập", "Log in")
NAME = Text("Tên đăng nhập", "Name")
PASSWORD = Text("Mật khẩu", "Password")
LOG_IN = Text("Đăng nhập", "Log in")
TOO_MANY_TRIES = Text(
    "Quá nhiều lần thử không đúng. Hãy thử lại sau {minutes} phút.",
    "Too many wrong tries. Try again in {minutes} minutes.",
)
TOO_BUSY = Text(
    "Máy chủ đang xử lý nhiều lượt đăng nhập. Hãy thử lại sau giây lát.",
    "Many people are logging in just now. Try again in a moment.",
)
LOGGED_OUT = Text("Bạn đã đăng xuất.", "You are logged out.")
ADMINISTRATOR_SET = Text(
    "Đã tạo tài khoản quản trị. Hãy đăng nhập bằng mật khẩu vừa đặt.",
    "The administrator's account is ready. Log in with the password you have just set.",
)
FIRST_RUN_TITLE = Text("Lần chạy đầu tiên", "First run")
FIRST_RUN_LEAD = Text(
    "Đặt tên và mật khẩu cho người quản trị. Liên kết này chỉ dùng được một lần.",
    "Choose the administrator's name and password. This link works once.",
)
PASSWORD_HINT = Text(
    "Ít nhất {letters} ký tự. Nên dùng một câu dài mà chỉ bạn biết; không cần ký tự đặc biệt.",
    "{letters} characters at least. A long sentence that only you know is best; special characters are not needed.",
)
PASSWORD_AGAIN = Text("Nhập lại mật khẩu", "Password once more")
PASSWORDS_DIFFER = Text("Hai mật khẩu không giống nhau.", "The two passwords are not the same.")
NAME_NEEDED = Text("Hãy nhập tên đăng nhập.", "A name is needed.")
SET_ADMINISTRATOR = Text("Tạo tài khoản quản trị", "Make the account")
INVITATION_TITLE = Text("Đặt mật khẩu", "Set your password")
INVITATION_LEAD = Text(
    "Đặt mật khẩu cho tài khoản “{name}”. Liên kết này chỉ dùng được một lần.",
    "Choose the password of the account “{name}”. This link works once.",
)
SET_PASSWORD = Text("Đặt mật khẩu", "Set the password")
PASSWORD_READY = Text(
    "Đã đặt mật khẩu. Hãy đăng nhập bằng mật khẩu vừa đặt.",
    "Your password is set. Log in with it.",
)
NO_SECRET = Text("Hãy mở đúng liên kết mà lệnh “canh up” đã in ra.", "Open the very link that “canh up” has printed.")

# The second step of logging in, and one's own account
CODE_TITLE = Text("Mã xác thực", "Your code")
CODE_LEAD = Text(
    "Nhập 6 chữ số mà ứng dụng xác thực đang hiện cho “{name}”. Không có điện thoại bên mình: nhập một mã khôi phục.",
    "Type the 6 digits that your authenticator app shows for “{name}”. Without your phone: type a recovery code.",
)
CODE_LEAD_PASSKEY = Text(
    "Dùng khóa truy cập (passkey) của “{name}”. Không có khóa bên mình: nhập một mã khôi phục.",
    "Use the passkey of “{name}”. Without it at hand: type a recovery code.",
)
CODE_LEAD_RECOVERY = Text(
    "Khóa truy cập của “{name}” không dùng được ở địa chỉ này: nhập một mã khôi phục, rồi thêm khóa mới ở trang Tài "
    "khoản của tôi.",
    "The passkeys of “{name}” are not good at this address: type a recovery code, then add a new one under My account.",
)
CODE = Text("Mã", "Code")
CODE_OF_APP = Text("6 chữ số trong ứng dụng", "The app's 6 digits")
CONFIRM_CODE = Text("Xác nhận", "Confirm")
OTHER_NAME = Text("Đăng nhập bằng tên khác", "Log in under another name")
ENROL_TITLE = Text("Thiết lập yếu tố thứ hai", "Set up the second factor")
ENROL_LEAD = Text(
    "Tài khoản “{name}” chỉ được đăng nhập khi có thêm một yếu tố thứ hai.",
    "The account “{name}” may log in only with a second factor as well.",
)
ENROL_STEPS: tuple[Text, ...] = (
    Text(
        "Mở ứng dụng xác thực bất kỳ trên điện thoại (ứng dụng không cần mạng) và quét mã này.",
        "Open any authenticator app on your phone (it needs no network) and scan this picture.",
    ),
    Text("Không quét được thì nhập khóa này:", "If you cannot scan it, type this key:"),
    Text("Nhập 6 chữ số mà ứng dụng hiện ra.", "Type the 6 digits that the app shows."),
)
QR_LABEL = Text("Mã QR chứa khóa bên dưới", "QR code with the key below")
RECOVERY_CODES_TITLE = Text("Mã khôi phục", "Recovery codes")
RECOVERY_CODES_LEAD = Text(
    "In ra hoặc chép lại, cất ở nơi an toàn. Mỗi mã dùng được một lần, thay cho điện thoại hay khóa khi bị mất. "
    "Các mã này chỉ hiện một lần; bộ mã cũ không còn dùng được.",
    "Print them or write them down, and keep them safe. Each stands in once for the phone or the key that is lost. "
    "They are shown only now; codes from before are no longer good.",
)
CODES_KEPT = Text("Tôi đã cất các mã này", "I have kept these codes")
MY_ACCOUNT = Text("Tài khoản của tôi", "My account")
MY_ROLE = Text("Vai trò", "Role")
MY_UNIT = Text("Đơn vị", "Unit")
WHOLE_PROVINCE = Text("toàn tỉnh", "the whole province")
PASSWORD_FIRST = Text(
    "Bạn vào bằng tài khoản định danh và chưa có mật khẩu ở đây. Muốn đổi gì ở dưới, hãy nhờ quản trị viên gửi liên "
    "kết mời để đặt mật khẩu trước.",
    "You log in at the identity provider and have no password here. To change anything below, ask an administrator for "
    "an invitation and set one first.",
)
SECOND_FACTOR = Text("Yếu tố thứ hai", "Second factor")
FACTOR_SINCE = Text("Ứng dụng xác thực, từ {at}.", "Authenticator app, since {at}.")
FACTOR_NONE = Text(
    "Chưa có. Với yếu tố thứ hai, kẻ biết mật khẩu vẫn không vào được.",
    "None yet. With one, somebody who knows your password still cannot get in.",
)
RECOVERY_CODES_LEFT = Text("Còn {count} mã khôi phục.", "{count} recovery codes are left.")
FACTOR_SET = Text(
    "Đã có yếu tố thứ hai mới; các phiên khác đã kết thúc.", "The factor is set; your other sessions have ended."
)
SET_FACTOR = Text("Thiết lập ứng dụng", "Set up an app")
REPLACE_FACTOR = Text("Đổi sang ứng dụng khác", "Change to another app")
NEW_RECOVERY_CODES = Text("Tạo bộ mã khôi phục mới", "Make new recovery codes")
REMOVE_FACTOR = Text("Gỡ yếu tố thứ hai", "Remove the second factor")
FACTOR_REMOVED = Text("Đã gỡ yếu tố thứ hai.", "The second factor is removed.")
PROVE_AGAIN = Text(
    "Để chắc chắn là bạn, hãy nhập lại mật khẩu{and_code}.",
    "To be sure that it is you, give your password{and_code} again.",
)
AND_CODE = Text(" và mã trong ứng dụng (hoặc một mã khôi phục)", " and a code of the app (or a recovery code)")
PRESENT_PASSWORD = Text("Mật khẩu hiện tại", "Present password")
NEW_PASSWORD = Text("Mật khẩu mới", "New password")
CHANGE_PASSWORD = Text("Đổi mật khẩu", "Change the password")
PASSWORD_CHANGED = Text(
    "Đã đổi mật khẩu; các phiên khác đã kết thúc.", "The password is changed; your other sessions have ended."
)
MY_SESSIONS = Text("Các phiên đang mở", "Open sessions")
SESSION_LINE = Text("mở lúc {opened}, dùng lần cuối {seen}", "opened {opened}, last used {seen}")
THIS_SESSION = Text("phiên này", "this one")
END_OTHER_SESSIONS = Text("Kết thúc các phiên khác", "End the others")
OTHER_SESSIONS_ENDED = Text("Đã kết thúc các phiên khác.", "The other sessions have ended.")

# Passkeys
PASSKEY = Text("Khóa truy cập", "Passkey")
PASSKEYS = Text("Khóa truy cập (passkey)", "Passkeys")
PASSKEYS_LEAD = Text(
    "Khóa bảo mật USB, điện thoại hoặc máy tính của bạn xác nhận thay cho mã. Khóa không trả lời trang giả mạo.",
    "A security key, your phone or your computer confirms in place of a code. It answers no page that only looks like "
    "this one.",
)
PASSKEY_LINE = Text("thêm {made}", "added {made}")
PASSKEY_USED = Text("dùng lần cuối {used}", "last used {used}")
PASSKEY_OF_OTHER_ADDRESS = Text("dùng ở {address}", "good at {address}")
ADD_PASSKEY = Text("Thêm khóa truy cập", "Add a passkey")
REMOVE_PASSKEY = Text("Xóa khóa “{name}”", "Remove the passkey “{name}”")
PASSKEY_REMOVED = Text("Đã xóa khóa truy cập.", "The passkey is removed.")
NEW_PASSKEY = Text("Khóa truy cập mới", "New passkey")
NEW_PASSKEY_LEAD = Text(
    "Đặt tên để sau này nhận ra khóa, rồi làm theo trình duyệt: cắm và chạm vào khóa, hoặc xác nhận trên thiết bị. "
    "Khóa phải được tạo trong vòng 5 phút.",
    "Give it a name by which you know it later, then follow the browser: plug in and touch the key, or confirm on the "
    "device. It has to be made within 5 minutes.",
)
PASSKEY_NAME = Text("Tên khóa", "Name of the passkey")
MAKE_PASSKEY = Text("Tạo khóa truy cập", "Make the passkey")
USE_PASSKEY = Text("Dùng khóa truy cập", "Use a passkey")
PASSKEY_FOR_CODE = Text("Dùng khóa truy cập thay cho mã", "Use a passkey in place of a code")
OR_PASSKEY = Text(
    "Hoặc dùng khóa bảo mật USB, điện thoại hay máy tính làm khóa truy cập (passkey):",
    "Or let a security key, a phone or a computer be your passkey:",
)
OR_CODE = Text("Hoặc nhập mã:", "Or type a code:")
PASSKEYS_NOWHERE = Text(
    "Ở địa chỉ này trình duyệt không cho dùng khóa truy cập: Canh cần một tên miền và HTTPS.",
    "Browsers allow no passkeys at this address: Canh needs a name and HTTPS.",
)
PASSKEYS_ELSEWHERE = Text("Khóa truy cập chỉ dùng được ở", "Passkeys are good only at")
PASSKEYS_NEED_SCRIPT = Text(
    "Trình duyệt này đang tắt JavaScript: khóa truy cập cần nó.",
    "JavaScript is switched off in this browser: passkeys need it.",
)
PASSKEYS_NOT_HERE = Text("Trình duyệt này không hỗ trợ khóa truy cập.", "This browser knows no passkeys.")
PASSKEY_TWICE = Text("Thiết bị này đã có khóa của tài khoản này.", "This device has a passkey of this account already.")
PASSKEY_GAVE_UP = Text(
    "Chưa dùng được khóa: bạn đã hủy, đã quá thời gian, hoặc thiết bị không có khóa của tài khoản này.",
    "No passkey was used: it was cancelled, took too long, or the device has none of this account.",
)

# The identity provider
OR_PROVIDER = Text("Hoặc đăng nhập bằng:", "Or log in with:")
GO_ON = Text("Tiếp tục", "Go on")
PROVIDER_CANCELLED = Text(
    "Chưa đăng nhập ở nhà cung cấp định danh: đã hủy hoặc bị từ chối ở đó.",
    "There was no log-in at the identity provider: it was cancelled or refused there.",
)
ACT_LINK = Text("Gắn với mã định danh", "Link to a subject")
ACT_UNLINK = Text("Gỡ mã định danh {subject}", "Unlink the subject {subject}")
SUBJECT_THERE = Text("Mã định danh (sub) ở nhà cung cấp", "Subject (sub) at the provider")
ACCOUNT_LINKED = Text("Đã gắn; các phiên của người này đã kết thúc.", "The account is linked; its sessions have ended.")
ACCOUNT_UNLINKED = Text(
    "Đã gỡ mã định danh; các phiên đã kết thúc.", "The subject is unlinked; the sessions have ended."
)
STATE_LINKED = Text("gắn với {subject} ở {issuer}", "linked to {subject} at {issuer}")

# Accounts, tokens, roles
NAV_ACCOUNTS = Text("Tài khoản", "Accounts")
NAV_KEYS = Text("Khóa API", "API tokens")
NAV_ROLES = Text("Vai trò và quyền", "Roles and rights")
ACCOUNTS_TITLE = Text("Tài khoản", "Accounts")
LAST_LOG_IN = Text("Đăng nhập lần cuối", "Last log-in")
ACCOUNT_STATE = Text("Tình trạng", "State")
ACCOUNT_CHANGE = Text("Thay đổi", "Change")
STATE_CLOSED = Text("đóng", "closed")
STATE_NO_PASSWORD = Text("chưa đặt mật khẩu", "no password yet")
STATE_DORMANT = Text("tạm khóa vì lâu không dùng", "suspended, long unused")
STATE_FACTOR = Text("có yếu tố thứ hai", "with second factor")
STATE_NO_FACTOR = Text("không có yếu tố thứ hai", "without second factor")
STATE_SESSIONS = Text("{count} phiên đang mở", "{count} open sessions")
ACT_INVITE = Text("Liên kết đặt mật khẩu", "Link to set the password")
ACT_REOPEN = Text("Mở lại", "Open again")
ACT_END_SESSIONS = Text("Kết thúc các phiên", "End the sessions")
ACT_CLOSE = Text("Đóng tài khoản", "Close the account")
ACT_CHANGE_ROLE = Text("Đổi vai trò", "Change the role")
ACCOUNT_CLOSED = Text("Đã đóng tài khoản.", "The account is closed.")
ACCOUNT_REOPENED = Text("Đã mở lại tài khoản.", "The account is open again.")
ACCOUNT_SESSIONS_ENDED = Text("Đã kết thúc các phiên.", "The sessions have ended.")
ACCOUNT_FACTOR_REMOVED = Text("Đã gỡ yếu tố thứ hai.", "The second factor is removed.")
ACCOUNT_ROLE_CHANGED = Text("Đã đổi vai trò; các phiên đã kết thúc.", "The role is changed; the sessions have ended.")
NEW_ACCOUNT = Text("Tài khoản mới", "New account")
CHOOSE = Text("– chọn –", "– choose –")
NEW_ACCOUNT_HINT = Text(
    "Người ấy tự đặt mật khẩu bằng liên kết hiện ra sau khi tạo; không ai khác biết mật khẩu.",
    "The person sets the password by the link shown next; nobody else knows it.",
)
UNIT_OF_ROLE = Text("Thấy", "Sees")
ROLE_OF_UNIT_HINT = Text(
    "* Vai trò này cần một đơn vị; các vai trò khác thấy toàn tỉnh.",
    "* This role needs a unit; the others see the whole province.",
)
MAKE_ACCOUNT = Text("Tạo tài khoản", "Make the account")
CLOSED_ACCOUNTS = Text("Đã đóng", "Closed")
HAND_THIS_LINK = Text(
    "Trao liên kết này cho “{name}” (dùng một lần, trong 72 giờ). Nó chỉ hiện lần này:",
    "Hand this link to “{name}” (it works once, within 72 hours). It is shown only now:",
)
TOKENS_TITLE = Text("Khóa API", "API tokens")
TOKENS_INTRO = Text(
    "Khóa của chương trình và thiết bị. Bí mật chỉ hiện một lần khi tạo; Canh chỉ giữ bản băm.",
    "Of programs and devices. A secret is shown once, when it is made; Canh keeps a digest.",
)
TOKEN_NUMBER = Text("Số", "Number")
TOKEN_NAME = Text("Tên (ai dùng, để làm gì)", "Name (who uses it, what for)")
TOKEN_DAYS = Text("Hiệu lực, ngày", "Valid for, days")
TOKEN_REVOKE = Text("Thu hồi", "Revoke")
TOKEN_REVOKED = Text("Đã thu hồi khóa.", "The token is revoked.")
TOKEN_ONCE = Text("Chép khóa này ngay: nó chỉ hiện lần này.", "Copy this token now: it is shown only this once.")
NO_TOKENS = Text("Chưa có khóa nào còn hiệu lực.", "There is no valid token.")
NEW_TOKEN = Text("Khóa mới", "New token")
MAKE_TOKEN = Text("Tạo khóa", "Make the token")
NEVER_USED = Text("chưa dùng", "never")
NO_END = Text("không có hạn", "no end")
TOKEN_SERVICE = Text("Tài khoản dịch vụ", "Service account")
NO_SERVICE = Text("không thuộc tài khoản nào", "of none")
SENDER_HINT = Text(
    "“Máy gửi nhật ký” chỉ gửi được nhật ký của đơn vị, không đọc được gì.",
    "A “sender of records” only sends its unit's records in and reads nothing.",
)
NAV_SERVICES = Text("Tài khoản dịch vụ", "Service accounts")
SERVICES_TITLE = Text("Tài khoản dịch vụ", "Service accounts")
SERVICES_INTRO = Text(
    "Của chương trình và thiết bị: dùng để làm gì, ai chịu trách nhiệm. Không có mật khẩu, không đăng nhập được; đóng "
    "lại thì mọi khóa của nó bị thu hồi.",
    "Of programs and devices: what they are for, who answers for them. They have no password and cannot log in; when "
    "one is closed its tokens are revoked.",
)
SERVICE_OWNER = Text("Người chịu trách nhiệm", "Owner")
SERVICE_PURPOSE = Text("Dùng để làm gì", "What it is for")
SERVICE_WITHOUT_TOKENS = Text("chưa có khóa", "no tokens")
SERVICE_CHANGE_OWNER = Text("Giao cho người này", "Give to this person")
SERVICE_CLOSE = Text("Đóng và thu hồi khóa", "Close and revoke its tokens")
SERVICE_MADE = Text("Đã tạo tài khoản dịch vụ.", "The service account is made.")
SERVICE_OWNER_CHANGED = Text("Đã giao cho người khác chịu trách nhiệm.", "It has another owner.")
SERVICE_CLOSED = Text("Đã đóng; các khóa đã bị thu hồi.", "It is closed; its tokens are revoked.")
SERVICE_UNIT_HINT = Text(
    "Của một đơn vị thì chỉ nhận khóa của đơn vị ấy, và người chịu trách nhiệm thuộc đơn vị ấy hoặc thuộc tỉnh.",
    "One of a unit takes tokens of that unit only, and its owner is of that unit or of the province.",
)
NEW_SERVICE = Text("Tài khoản dịch vụ mới", "New service account")
MAKE_SERVICE = Text("Tạo tài khoản dịch vụ", "Make the service account")
NO_SERVICES = Text("Chưa có tài khoản dịch vụ nào.", "There is no service account.")
ROLES_TITLE = Text("Vai trò và quyền", "Roles and rights")
PERSON = Text("Người", "Person")
SHOW = Text("Xem", "Show")
SINCE = Text("từ", "since")
SEES = Text("Thấy", "Sees")
SEES_OWN_UNIT = Text("đơn vị của mình", "their own unit")
SEES_NOTHING = Text("không đơn vị nào", "no unit")
FACTOR_REQUIRED = Text("bắt buộc", "required")
FACTOR_BY_CHOICE = Text("theo lựa chọn", "by choice")
ACT = Text("Việc", "Act")
ALLOWED = Text("Được", "Allowed")
WHY = Text("Vì sao", "Why")
YES = Text("được", "yes")
NO = Text("không", "no")
RIGHTS_OF_CLOSED = Text("Tài khoản này đã đóng: không làm được gì.", "This account is closed: it may do nothing.")
MY_RIGHTS = Text("Quyền của tôi", "What I may do")

UNITS_STEP = Text("Lần thay đổi", "Changes")
SHOW_STEP = Text("Tới ngày ấy", "Go to that date")

# Bodies
NAV_BODIES = Text("Cơ quan tiếp nhận", "Bodies")
BODIES_TITLE = Text("Cơ quan tiếp nhận", "Bodies and their roles")
BODIES_INTRO = Text(
    "Ai giữ vai trò nào đối với tỉnh, vào ngày nào, theo văn bản nào. Dòng có bằng chứng C hoặc M chỉ là đề nghị, "
    "cho tới khi có người xác nhận.",
    "Who holds which role towards the province, on which date, by which text. A row marked C or M only proposes "
    "until an officer has confirmed it.",
)
BODIES_ON = Text("Theo ngày", "On the date")
EVIDENCE = Text("bằng chứng", "evidence")
BODY_NOBODY = Text("Chưa có cơ quan nào được xác nhận.", "No body is confirmed.")
BODY_PROPOSED = Text("Đề nghị:", "Proposed:")
BODY_ONLY_PROPOSED = Text("chưa xác nhận", "not confirmed")
BODY_CONFIRM = Text("Xác nhận", "Confirm")
BODY_ALL_ROWS = Text("Mọi dòng: {count}", "All rows: {count}")
NO_BODIES = Text(
    "Chưa ghi cơ quan nào. Bộ có sẵn: lệnh “canh body import --seed”.",
    "Nothing is recorded. There is a set to begin with: “canh body import --seed”.",
)
CHANGE_BODIES = Text("Ghi thay đổi", "Record a change")
BODIES_CHANGE_TITLE = Text("Thay đổi cơ quan tiếp nhận", "Changes of bodies")
EVENT_HELD = Text("Giao vai trò", "A role is given")
EVENT_CONFIRMED = Text("Xác nhận một đề nghị", "Confirm a proposal")
COLUMN_BODY_ROLE = Text("Vai trò (mã)", "Role (code)")
COLUMN_BODY = Text("Cơ quan (mã)", "Body (code)")
COLUMN_MARK = Text("Mức bằng chứng", "Evidence mark")
MARKS: Mapping[str, Text] = {
    "A": Text("A: đọc trong chính văn bản", "A: read in the text itself"),
    "B": Text("B: nhiều nguồn khớp nhau", "B: sources that agree"),
    "C": Text("C: một nguồn yếu", "C: one weak source"),
    "M": Text("M: theo trí nhớ", "M: from memory"),
}
BODY_CONFIRMED = Text("xác nhận vai trò {role} của {body}", "the role {role} of {body} is confirmed")

# Sources of units
NAV_SOURCES = Text("Nguồn nhật ký", "Sources")
SOURCES_TITLE = Text("Nguồn nhật ký của các đơn vị", "Sources of the units")
SOURCES_INTRO = Text(
    "Nhật ký từ một mạng hay một đầu vào thuộc về đơn vị được gán, từ 10 giây sau khi gán; phần còn lại thuộc về "
    "đơn vị vận hành Canh.",
    "What comes from a network or into an input belongs to the unit it is assigned to, from 10 seconds after that; the "
    "rest belongs to the unit that runs Canh.",
)
SOURCE_WHERE = Text("Từ đâu", "From where")
SOURCE_SINCE = Text("Từ lúc", "Since")
SOURCE_HOST_COLUMN = Text("máy", "hosts")
SOURCE_END = Text("Kết thúc", "End")
NO_SOURCES = Text("Chưa gán nguồn nào.", "No source is assigned yet.")
SOURCE_ASSIGN = Text("Gán nguồn cho đơn vị", "Assign a source to a unit")
SOURCE_ASSIGN_HINT = Text(
    "Ghi một mạng hoặc một đầu vào, không cả hai; thêm mẫu tên máy nếu chỉ một số máy ở đó thuộc đơn vị.",
    "A network or an input, not both; and a pattern of host names where only some of its hosts belong to the unit.",
)
SOURCE_NETWORK = Text("Mạng (10.1.0.0/16)", "Network (10.1.0.0/16)")
SOURCE_INPUT = Text("Đầu vào (syslog/tcp, tail:*)", "Input (syslog/tcp, tail:*)")
SOURCE_HOSTS = Text("Tên máy (web-*)", "Host names (web-*)")
SOURCE_ASSIGNED = Text("Đã gán nguồn.", "The source is assigned.")
SOURCE_ENDED = Text("Đã kết thúc.", "The assignment has ended.")
WHOSE = Text("Nhật ký này thuộc về ai?", "Whose would this be?")
WHOSE_PEER = Text("Địa chỉ gửi", "Sender's address")
WHOSE_INPUT = Text("Đầu vào", "Input")
WHOSE_HOST = Text("Tên máy trong nhật ký", "Host name in the log")
WHOSE_ASK = Text("Xem", "Ask")
WHOSE_NOT_YOURS = Text("Không thuộc đơn vị của bạn.", "It is not of your unit.")
WHOSE_NOBODY = Text(
    "Không nguồn nào khớp: thuộc về đơn vị vận hành Canh.", "No source fits: it belongs to the unit that runs Canh."
)

# Settings
NAV_SETTINGS = Text("Thiết lập", "Settings")
SETTINGS_TITLE = Text("Thiết lập", "Settings")
SETTINGS_INTRO = Text(
    "Mỗi thay đổi cần lý do, được giữ lại, vào nhật ký kiểm toán và có thể hoàn tác. Có hiệu lực trong 2 giây.",
    "Each change needs a reason, is kept and audited, and can be undone. It takes effect within 2 seconds.",
)
SETTING_VALUE = Text("Giá trị", "Value")
SETTING_DEFAULT = Text("mặc định", "default")
LEGAL_BASIS = Text("Căn cứ", "Basis")
SETTING_CHANGED_BY = Text("Đổi lần cuối", "Last changed")
SETTING_CHANGE = Text("Thay đổi", "Change")
SETTING_NEW_VALUE = Text("Giá trị mới", "New value")
REASON = Text("Lý do", "Reason")
SETTING_HISTORY = Text("Các lần thay đổi: {count}", "Changes: {count}")
SETTING_UNDOES = Text("hoàn tác lần {number}", "undoes {number}")
SETTING_UNDO = Text("Trở lại {value}", "Back to {value}")
SETTING_CHANGED = Text("Đã thay đổi.", "Changed.")

# Recording what happened to units, people, posts and shifts
CHANGE_UNITS = Text("Ghi thay đổi về đơn vị", "Record changes of units")
CHANGE_POSTS = Text("Ghi thay đổi về nhân sự", "Record changes of people and posts")
CHANGE_ROSTER = Text("Ghi lịch trực", "Record shifts")
UNITS_CHANGE_TITLE = Text("Thay đổi về đơn vị", "Changes of units")
POSTS_CHANGE_TITLE = Text("Thay đổi về nhân sự và chức danh", "Changes of people and posts")
ROSTER_CHANGE_TITLE = Text("Thay đổi lịch trực", "Changes of the roster")
WHAT_WAS_DONE = Text("Việc", "What happened")
BACK = Text("Quay lại", "Back")
LOOK_FIRST = Text("Xem trước", "Preview")
BY_FILE = Text("Nhập từ tệp CSV", "From a CSV file")
BY_FILE_HINT = Text(
    "Tệp được xem trước, chưa ghi gì. Nhiều nhất {most} KiB; tệp lớn hơn thì dùng lệnh “canh … import”.",
    "The file is looked at first, nothing is written. {most} KiB at most; for larger ones use “canh … import”.",
)
CSV_FILE = Text("Tệp CSV (UTF-8)", "CSV file (UTF-8)")
CORRECT_WHAT_IS_RECORDED = Text(
    "Sửa điều đã ghi sai (dòng cũ vẫn được giữ)", "Correct what was recorded wrongly (the old row is kept)"
)
PLAN_TITLE = Text("Sẽ ghi", "What would be written")
PLAN_REFUSED = Text("Không ghi được", "Nothing can be written")
PLAN_COUNTS = Text(
    "Mới: {added} · sửa: {changed} · không đổi: {unchanged}",
    "New: {added} · corrected: {changed} · the same: {unchanged}",
)
AT_LINE = Text("dòng {line}", "line {line}")
INSTEAD_OF = Text("thay cho", "in place of")
WRITE_DOWN = Text("Ghi", "Write it down")
NOTHING_NEW = Text("Không có gì mới để ghi.", "There is nothing new to write.")
FACTS_RECORDED = Text("Đã ghi {count} việc.", "Written down: {count}.")
NO_FILE = Text("Chưa chọn tệp.", "No file was chosen.")
FILE_TOO_LARGE = Text(
    "Tệp quá lớn để nhập qua trang web: hãy dùng lệnh trên máy chủ.",
    "The file is too large for this page: use the command on the server.",
)
SHIFT_CANCELLED = Text("hủy ca", "cancelled")
COLUMN_CODE = Text("Mã", "Code")
COLUMN_UNIT_CODE = Text("Đơn vị (mã)", "Unit (code)")
COLUMN_DATE = Text("Có hiệu lực ngày", "Takes effect on")
COLUMN_UNTIL = Text("Đến hết ngày", "Until the end of")
COLUMN_NAME = Text("Tên", "Name")
COLUMN_NAME_EN = Text("Tên tiếng Anh", "English name")
COLUMN_PARENT = Text("Trực thuộc (mã)", "Below (code)")
COLUMN_INTO = Text("Đơn vị tiếp nhận (mã)", "Unit that takes over (code)")
COLUMN_DECISION = Text("Số quyết định", "Number of the decision")
COLUMN_DECIDED = Text("Ngày ký", "Signed on")
COLUMN_KIND = Text("Loại chức danh", "Kind of post")
COLUMN_OTHER_KIND = Text("Không kiêm", "Is not also")
COLUMN_GROUP = Text("Nhóm biên chế (mã)", "Quota group (code)")
COLUMN_NUMBER = Text("Số lượng", "Number")
COLUMN_PERSON = Text("Người (mã)", "Person (code)")
COLUMN_VERIFIER = Text("Người xác minh (mã)", "Verified by (code)")
COLUMN_RECEIVER = Text("Người hoặc chức danh nhận (mã)", "Receiver, person or post (code)")
COLUMN_SUBJECT = Text("Nội dung (mã)", "Subject (code)")
COLUMN_WORDS = Text("Diễn giải", "In words")
COLUMN_EMAIL = Text("Thư điện tử", "E-mail")
COLUMN_PHONE = Text("Điện thoại", "Telephone")
COLUMN_ACCOUNT = Text("Tài khoản Canh", "Canh account")
COLUMN_BASIS = Text("Căn cứ pháp luật", "Legal basis")
COLUMN_ROLE = Text("Vai trò trong ca", "Role on duty")
COLUMN_START = Text("Bắt đầu", "Start")
COLUMN_END = Text("Kết thúc", "End")
OPTIONAL = Text("không bắt buộc", "optional")
UNIT_EVENTS: Mapping[str, Text] = {
    "established": Text("Thành lập", "Established"),
    "renamed": Text("Đổi tên", "Renamed"),
    "moved": Text("Chuyển cấp trên", "Moved"),
    "merged": Text("Sáp nhập", "Merged"),
    "split": Text("Chia tách", "Split"),
    "dissolved": Text("Giải thể", "Dissolved"),
}
POST_EVENTS: Mapping[str, Text] = {
    "person": Text("Ghi nhận người", "Register a person"),
    "person_changed": Text("Sửa thông tin người", "A person's new details"),
    "established": Text("Lập chức danh", "Establish a post"),
    "abolished": Text("Bãi bỏ chức danh", "Abolish a post"),
    "appointed": Text("Bổ nhiệm", "Appoint"),
    "acting": Text("Giao phụ trách", "Acting"),
    "relieved": Text("Thôi giữ", "Relieve"),
    "delegated": Text("Ủy quyền", "Delegate"),
    "withdrawn": Text("Chấm dứt ủy quyền", "Withdraw a delegation"),
    "quota": Text("Biên chế", "Quota"),
    "rule": Text("Quy tắc không kiêm nhiệm", "Rule of incompatible posts"),
    "rule_ended": Text("Bãi bỏ quy tắc", "End a rule"),
    "verified": Text("Xác minh liên hệ", "Verify a contact"),
    "verification": Text("Kỳ xác minh", "Period of verification"),
}
CODE_OF_PERSON = Text("Mã người", "Person (code)")
CODE_OF_POST = Text("Chức danh (mã)", "Post (code)")
CODE_OF_GIVER = Text("Chức danh ủy quyền (mã)", "Post that delegates (code)")
CODE_OF_RULE = Text("Mã quy tắc", "Rule (code)")
EVENT_SHIFT = Text("Xếp ca", "A shift")
EVENT_CANCELLED = Text("Hủy ca", "Cancel a shift")

# Levels and states
LEVELS: Mapping[Level, Text] = {
    "critical": Text("Nghiêm trọng", "Critical"),
    "high": Text("Cao", "High"),
    "medium": Text("Trung bình", "Medium"),
    "low": Text("Thấp", "Low"),
    "informational": Text("Thông tin", "Informational"),
}
STATES: Mapping[str, Text] = {
    "new": Text("Mới", "New"),
    "acknowledged": Text("Đã tiếp nhận", "Acknowledged"),
    "closed": Text("Đã đóng", "Closed"),
}
VIEWS: Mapping[str, Text] = {
    "open": Text("Đang mở", "Open"),
    "new": STATES["new"],
    "acknowledged": STATES["acknowledged"],
    "closed": STATES["closed"],
    "all": Text("Tất cả", "All"),
}

# The queue
ALERTS_TITLE = Text("Cảnh báo", "Alerts")
FILTER_STATE = Text("Trạng thái", "State")
FILTER_LEVEL = Text("Mức độ", "Level")
EVERY_LEVEL = Text("Mọi mức", "Every level")
COLUMN_LEVEL = Text("Mức độ", "Level")
COLUMN_ALERT = Text("Cảnh báo", "Alert")
COLUMN_COUNT = Text("Số sự kiện", "Events")
COLUMN_FIRST = Text("Lần đầu", "First seen")
COLUMN_LAST = Text("Lần cuối", "Last seen")
COLUMN_STATE = Text("Trạng thái", "State")
COLUMN_UNIT = Text("Đơn vị", "Unit")
COLUMN_ACTION = Text("Thao tác", "Action")
ACKNOWLEDGE = Text("Tiếp nhận", "Acknowledge")
ALERT_TOTAL_ONE = Text("{count} cảnh báo", "{count} alert")
ALERT_TOTAL_MANY = Text("{count} cảnh báo", "{count} alerts")
REFRESHES = Text("tự cập nhật mỗi {seconds} giây", "refreshes every {seconds} seconds")
NO_ALERTS = Text("Không có cảnh báo nào khớp bộ lọc.", "No alert matches the filter.")
NO_ALERTS_AT_ALL = Text(
    "Chưa có cảnh báo nào đang mở. Khi một quy tắc khớp, cảnh báo sẽ tự hiện ở đây.",
    "No alert is open. When a rule fires, its alert appears here by itself.",
)
OLDER = Text("Cũ hơn", "Older")
NEWEST = Text("Mới nhất", "Newest")
PAGES = Text("Các trang", "Pages")
DONE: Mapping[str, Text] = {
    "acknowledged": Text("Đã tiếp nhận cảnh báo #{number}.", "Alert #{number} is acknowledged."),
    "closed": Text("Đã đóng cảnh báo #{number}.", "Alert #{number} is closed."),
}
CHANGED_MEANWHILE = Text(
    "Cảnh báo này vừa được người khác thay đổi. Hãy xem lại trước khi quyết định.",
    "Someone else has just changed this alert. Look again before you decide.",
)

# The units
UNITS_TITLE = Text("Đơn vị", "Units")
UNITS_ON = Text("Tên và cơ cấu có hiệu lực ngày", "Names and tree valid on")
SHOW_DATE = Text("Xem", "Show")
TODAY = Text("Hôm nay", "Today")
BAD_DATE = Text("“{text}” không phải ngày; đang xem hôm nay.", "“{text}” is no date; this is today.")
UNIT_TREE_OF = Text("Cơ cấu ngày {day}", "Tree of {day}")
UNIT_TOTAL_ONE = Text("{count} đơn vị", "{count} unit")
UNIT_TOTAL_MANY = Text("{count} đơn vị", "{count} units")
REVIEW_TITLE = Text("Rà soát quyền truy cập", "Access review")
REVIEW_INTRO = Text(
    "Mỗi quý một lần: ai còn vào được, làm được gì, có còn cần không. Đóng tài khoản: canh account close TÊN. "
    "Thu hồi khóa: canh token revoke SỐ.",
    "Once a quarter: who can still get in, what they may do, whether they still need it. Close an account: "
    "canh account close NAME. Revoke a token: canh token revoke NUMBER.",
)
REVIEWED_LAST = Text("Lần rà soát trước:", "Last reviewed:")
REVIEW_NEVER = Text("chưa lần nào", "never")
REVIEW_DUE_BY = Text("Lần tới, chậm nhất:", "Due by:")
REVIEW_OVERDUE = Text("Đã quá hạn rà soát quyền truy cập.", "The access review is overdue.")
REVIEW_BUTTON = Text("Ghi nhận đã rà soát", "Record this review")
REVIEW_DONE = Text("Đã ghi nhận lần rà soát này.", "This review is recorded.")
REVIEW_ENDED = Text("Đã đóng, thu hồi hoặc hết hạn", "Closed, revoked or expired")
HOLDER_KIND = Text("Loại", "Kind")
HOLDER_KINDS = {
    "account": Text("tài khoản", "account"),
    "service_account": Text("dịch vụ", "service"),
    "token": Text("khóa API", "token"),
}
HOLDER_OWNER = Text("Chịu trách nhiệm:", "Owner:")
HOLDER_OF = Text("Của dịch vụ:", "Of the service:")
HOLDER_NAME = Text("Tên", "Name")
HOLDER_ROLE = Text("Vai trò", "Role")
HOLDER_UNIT = Text("Đơn vị", "Unit")
HOLDER_CREATED = Text("Tạo", "Made")
HOLDER_USED = Text("Dùng lần cuối", "Last used")
HOLDER_EXPIRES = Text("Hết hạn", "Ends")
HOLDER_REMARKS = Text("Cần xem lại", "To look at")
UNIT_SOURCES = Text("Nguồn nhật ký hiện nay:", "Sources today:")
SOURCE_HOST = Text("{where}, máy {host}", "{where}, host {host}")
NO_UNITS_THEN = Text("Ngày này chưa có đơn vị nào.", "There was no unit on this date.")
UNITS_NOT_THERE = Text("Không có trong ngày này", "Not there on this date")
UNIT_ENDED = Text("kết thúc {day}", "ended {day}")
UNIT_TO_COME = Text("thành lập {day}", "established {day}")
UNIT_WITHOUT_HISTORY = Text(
    "Đơn vị trong tệp thiết lập, chưa ghi lịch sử.", "The unit of the settings file; no history is recorded."
)
DECISION = Text("Theo văn bản {number}", "By decision {number}")
DECISION_SIGNED = Text("Theo văn bản {number}, ký ngày {day}", "By decision {number}, signed {day}")
UNIT_FACTS: Mapping[str, Text] = {
    "established": Text("Thành lập: {name}", "Established: {name}"),
    "renamed": Text("Đổi tên thành {name}", "Renamed {name}"),
    "moved": Text("Chuyển về trực thuộc {other}", "Moved to {other}"),
    "merged": Text("Sáp nhập vào {other}", "Merged into {other}"),
    "split": Text("Chia tách thành {other}", "Split into {other}"),
    "dissolved": Text("Giải thể", "Dissolved"),
}
UNIT_ABOVE = Text("trực thuộc {other}", "below {other}")
ANOTHER_UNIT = Text("đơn vị khác", "another unit")
PREDECESSORS = Text("Tiếp nhận từ: {names}", "Took over from: {names}")
SUCCESSORS = Text("Đơn vị tiếp nhận: {names}", "Went to: {names}")

# Persons and posts
POSTS_TITLE = Text("Nhân sự và chức danh", "People and posts")
POSTS_ON = Text("Theo ngày", "As of")
WHO_MAY_SIGN_ON = Text("Ai được ký ngày {day}", "Who may sign on {day}")
NOBODY_MAY_SIGN = Text("không ai: chức danh trống và không có ủy quyền", "nobody: vacant, nothing delegated")
NO_DIRECTOR_POST = Text("Ngày này không có chức danh giám đốc nào.", "There was no post of a director on this date.")
POSTS_OF_UNITS = Text("Chức danh", "Posts")
NO_POSTS_THEN = Text("Ngày này chưa có chức danh nào.", "There was no post on this date.")
ACTING = Text("phụ trách", "acting")
VACANT = Text("đang trống", "vacant")
REACHED_AT = Text("Liên hệ:", "Reached at:")
STAFFING_TITLE = Text("Biên chế và số người có mặt", "Staffing quotas and people in post")
STAFFING_COUNT = Text("{in_post} trên {number}", "{in_post} of {number}")
STAFFING_VACANT = Text("còn thiếu {count}", "{count} vacant")
STAFFING_OVER = Text("vượt {count}", "{count} too many")
CONTACTS_TITLE = Text("Đầu mối 24/7", "24/7 contacts")
CONTACT_VERIFIED = Text("xác minh ngày {day}, {verifier}", "verified on {day}, {verifier}")
CONTACT_NOT_VERIFIED = Text("chưa xác minh lần nào", "never verified")
CONTACT_DUE = Text("đã đến hạn xác minh ({day})", "verification is due ({day})")
CONTACT_NEXT = Text("hạn xác minh {day}", "next verification {day}")
DELEGATIONS_TITLE = Text("Ủy quyền có hiệu lực", "Delegations in force")
POST_RULES_TITLE = Text("Quy tắc kiêm nhiệm có hiệu lực", "Rules about holding two posts in force")
ANOTHER_ONE = Text("người hoặc chức danh của đơn vị khác", "one of another unit")
UNTIL_DAY = Text("đến hết ngày {day}", "until {day} inclusive")
ALLOWED_BY = Text("căn cứ {basis}", "by {basis}")
ROSTER_TITLE = Text("Lịch trực", "Roster")
ON_DUTY_NOW = Text("Đang trực", "On duty now")
NOBODY_ON_DUTY = Text("Lúc này không có ai trực.", "Nobody is on duty now.")
HAND_OVER = Text("Bàn giao ca", "Hand over")
TAKEN_BY = Text("Người nhận ca", "Taken over by")
NOBODY_TAKES_OVER = Text(
    "Chưa có ai vào ca trong vòng một giờ tới để nhận.", "Nobody begins within the next hour to take over."
)
WEEK_OF = Text("Tuần từ thứ Hai {day}", "Week of Monday {day}")
WEEKS = Text("Các tuần", "Weeks")
WEEK_BEFORE = Text("Tuần trước", "Week before")
THIS_WEEK = Text("Tuần này", "This week")
WEEK_AFTER = Text("Tuần sau", "Week after")
WEEKDAYS = (
    Text("Thứ Hai", "Monday"),
    Text("Thứ Ba", "Tuesday"),
    Text("Thứ Tư", "Wednesday"),
    Text("Thứ Năm", "Thursday"),
    Text("Thứ Sáu", "Friday"),
    Text("Thứ Bảy", "Saturday"),
    Text("Chủ nhật", "Sunday"),
)
NO_SHIFTS = Text("không có ca nào bắt đầu", "no shift begins")
GAPS_AND_OVERLAPS = Text("Khoảng trống và chồng ca", "Gaps and overlaps")
GAP = Text("Không có ai trực từ {start} đến {end}", "Nobody is on duty from {start} to {end}")
TWICE_ON_DUTY = Text("Một người hai ca cùng lúc", "One person twice at once")
TWO_LEADERS = Text("Hai trưởng ca cùng lúc", "Two shift leaders at once")
HAND_OVERS = Text("Các lần bàn giao", "Hand-overs")
DUTY_ROLES: Mapping[str, Text] = {
    "analyst": Text("phân tích viên", "analyst"),
    "shift_leader": Text("trưởng ca", "shift leader"),
}
SUBJECTS: Mapping[str, Text] = {
    "sign_report": Text("ký báo cáo", "sign reports"),
    "sign_permit": Text("ký giấy phép", "sign permits"),
    "release_data": Text("cho phép cung cấp dữ liệu", "release data"),
    "all": Text("điều hành khi giám đốc vắng mặt", "run the department while the director is absent"),
}
"""What the subjects that Canh knows are called; a department may have others."""
POST_KINDS: Mapping[str, Text] = {
    "director": Text("giám đốc", "director"),
    "deputy_director": Text("phó giám đốc", "deputy director"),
    "head": Text("người đứng đầu đơn vị", "head of a unit"),
    "deputy_head": Text("cấp phó của người đứng đầu đơn vị", "deputy head of a unit"),
    "officer": Text("công chức, viên chức", "officer"),
    "contact": Text("đầu mối", "contact"),
}
POST_FACTS: Mapping[str, Text] = {
    "person": Text("Ghi nhận {name}, {unit}", "{name} is registered, {unit}"),
    "person_changed": Text("Thông tin mới: {name}, {unit}", "New details: {name}, {unit}"),
    "established": Text("Lập chức danh {title}, {unit}", "The post {title} is established, {unit}"),
    "abolished": Text("Bãi bỏ chức danh", "The post is abolished"),
    "appointed": Text("Bổ nhiệm {person} giữ chức danh {post}", "{person} is appointed to {post}"),
    "acting": Text("Giao {person} phụ trách {post}", "{person} acts as {post}"),
    "relieved": Text("{person} thôi giữ chức danh {post}", "{person} holds {post} no more"),
    "delegated": Text("{giver} ủy quyền cho {receiver}: {subject}", "{giver} delegates to {receiver}: {subject}"),
    "withdrawn": Text(
        "{giver} chấm dứt ủy quyền cho {receiver}: {subject}", "{giver} withdraws from {receiver}: {subject}"
    ),
    "quota": Text("Biên chế của {unit}, nhóm {group}: {number}", "Quota of {unit}, group {group}: {number}"),
    "rule": Text(
        "Trong {unit}, {one} không kiêm {other}, trừ trường hợp pháp luật có quy định khác",
        "In {unit} no {one} is also {other}, unless a law says otherwise",
    ),
    "verified": Text("{verifier} xác minh liên hệ của {person}", "{verifier} verifies how {person} is reached"),
    "verification": Text(
        "Trong {unit}, đầu mối 24/7 được xác minh {months} tháng một lần",
        "In {unit} 24/7 contacts are verified every {months} months",
    ),
    "rule_ended": Text("Quy tắc {rule} hết hiệu lực", "The rule {rule} holds no more"),
}

# One alert
BACK_TO_ALERTS = Text("Về danh sách cảnh báo", "Back to the alerts")
WHAT_HAPPENED = Text("Tóm tắt", "Facts")
WHY_IT_FIRED = Text("Vì sao có cảnh báo này", "Why it fired")
WHAT_TO_DO = Text("Việc cần làm", "What to do")
EVENTS_THAT_EXPLAIN = Text("Các sự kiện làm căn cứ", "Events that explain it")
EVENTS_SAMPLED = Text(
    "{shown} trong tổng số {count} sự kiện: đầu tiên, một số ở giữa và cuối cùng.",
    "{shown} of {count} events: the first, a sample, the last.",
)
OTHER_ALERTS = Text("Các lần cảnh báo trong nhóm", "Alerts of this group")
WINDOW = Text("Khoảng thời gian", "Window")
HISTORY = Text("Xử lý", "Handling")
FACT_NUMBER = Text("Số", "Number")
FACT_LEVEL = Text("Mức độ", "Level")
FACT_STATE = Text("Trạng thái", "State")
FACT_UNIT = Text("Đơn vị", "Unit")
FACT_COUNT = Text("Số sự kiện", "Events")
FACT_FIRST = Text("Lần đầu", "First seen")
FACT_LAST = Text("Lần cuối", "Last seen")
FACT_RULE = Text("Quy tắc", "Rule")
FACT_TAGS = Text("Kỹ thuật (ATT&CK) và nhãn", "Techniques (ATT&CK) and tags")
ACKNOWLEDGED_BY = Text("{name} tiếp nhận lúc", "Acknowledged by {name} at")
CLOSED_BY = Text("{name} đóng lúc", "Closed by {name} at")
COUNTED_SINCE_ONE = Text(
    "Thêm {count} sự kiện từ khi đóng, lần cuối lúc", "{count} more event since closing, the last at"
)
COUNTED_SINCE_MANY = Text(
    "Thêm {count} sự kiện từ khi đóng, lần cuối lúc", "{count} more events since closing, the last at"
)
NOT_ACKNOWLEDGED = Text("Chưa ai tiếp nhận.", "Nobody has acknowledged it yet.")
CLOSING_TITLE = Text("Đóng cảnh báo", "Close the alert")
CLOSING_REASON = Text("Lý do", "Reason")
CHOOSE_REASON = Text("Chọn lý do…", "Choose a reason…")
REASON_NEEDED = Text("Hãy chọn lý do đóng cảnh báo.", "Choose a reason for closing.")
NOTE = Text("Ghi chú", "Note")
NOTE_HINT = Text("Người xem lại sau này cần biết gì?", "What should those know who look at it later?")
CLOSE_ALERT = Text("Đóng cảnh báo", "Close the alert")
SEARCH_AROUND = Text("Tìm các sự kiện liên quan", "Search related events")
FIELDS = Text("Các trường", "Fields")
ORIGINAL = Text("Dòng nhật ký gốc", "Original line")

# The tree of conditions
WHY_ALL = Text("Tất cả điều sau đều đúng", "All of these hold")
WHY_ANY = Text("Ít nhất một điều sau đúng", "At least one of these holds")
WHY_NONE = Text("Không điều nào sau đây đúng", "None of these holds")
WHY_SELECTION = Text("Nhóm điều kiện “{name}”", "Selection “{name}”")
WHY_COUNTED = Text("Đếm được {value}, ngưỡng {pattern}", "Counted {value}, threshold {pattern}")
WHY_COUNTED_VALUES = Text(
    "Đếm được {value} giá trị khác nhau của {field}, ngưỡng {pattern}",
    "Counted {value} different values of {field}, threshold {pattern}",
)
WHY_WINDOW = Text("Từ đầu đến cuối {span}, trong khung {window}", "From first to last {span}, within {window}")
WHY_SAME = Text("luôn là", "is always")
WHY_RULE = Text("Quy tắc “{title}”", "Rule “{title}”")
WHY_WHOLE_LINE = Text("toàn dòng", "whole line")
WHY_ACTUAL = Text("giá trị thực", "actual value")
OPERATORS: Mapping[str, Text] = {
    "equals": Text("bằng", "is"),
    "contains": Text("chứa", "contains"),
    "startswith": Text("bắt đầu bằng", "starts with"),
    "endswith": Text("kết thúc bằng", "ends with"),
    "re": Text("khớp biểu thức", "matches"),
    "cidr": Text("thuộc dải", "lies in"),
    "exists": Text("có giá trị", "exists"),
    "gt": Text("lớn hơn", "is above"),
    "gte": Text("từ", "is at least"),
    "lt": Text("nhỏ hơn", "is below"),
    "lte": Text("không quá", "is at most"),
    "all": Text("tất cả", "all of"),
    "cased": Text("phân biệt hoa thường", "case-sensitive"),
}

# Fields that people meet most; any other is shown by its name
FIELD_LABELS: Mapping[str, Text] = {
    "source.ip": Text("Địa chỉ nguồn", "Source address"),
    "source.port": Text("Cổng nguồn", "Source port"),
    "destination.ip": Text("Địa chỉ đích", "Destination address"),
    "destination.port": Text("Cổng đích", "Destination port"),
    "user.name": Text("Tài khoản", "Account"),
    "user.target.name": Text("Tài khoản bị tác động", "Account acted upon"),
    "host.name": Text("Máy", "Host"),
    "process.name": Text("Chương trình", "Program"),
    "event.action": Text("Hành động", "Action"),
    "event.outcome": Text("Kết quả", "Outcome"),
    "url.path": Text("Đường dẫn", "Path"),
}

# Event search
EVENTS_TITLE = Text("Tìm sự kiện", "Search events")
QUERY = Text("Câu truy vấn", "Query")
QUERY_HINT = Text(
    'Ví dụ: user.name:root and not source.ip:10.0.0.5 · "failed password" · process.name:ssh* · để trống để xem tất cả',
    'E.g. user.name:root and not source.ip:10.0.0.5 · "failed password" · process.name:ssh* · empty for everything',
)
SEARCH = Text("Tìm", "Search")
TIME_RANGE = Text("Thời gian", "Time")
RANGES: Mapping[str, Text] = {
    "15m": Text("15 phút qua", "Last 15 minutes"),
    "1h": Text("1 giờ qua", "Last hour"),
    "24h": Text("24 giờ qua", "Last 24 hours"),
    "7d": Text("7 ngày qua", "Last 7 days"),
    "30d": Text("30 ngày qua", "Last 30 days"),
    "all": Text("Mọi lúc", "Any time"),
    "custom": Text("Từ … đến …", "From … to …"),
}
FROM = Text("Từ", "From")
TO = Text("Đến", "To")
BAD_RANGE = Text("Không có khoảng thời gian nào tên là “{text}”.", "There is no time range called “{text}”.")
BAD_TIME = Text(
    "“{text}” không phải thời điểm; ví dụ: 2026-11-24 08:30.", "“{text}” is not a time; for example: 2026-11-24 08:30."
)
END_BEFORE_START = Text("“Đến” phải sau “Từ”.", "“To” must be after “From”.")
ROWS = Text("Số dòng", "Rows")
BAD_ROWS = Text("Số dòng là một số nguyên từ 1 đến {most}.", "Rows is a whole number from 1 to {most}.")
QUERY_ERROR = Text("Ký tự {at}: {expected}", "Character {at}: {expected}")
QUERY_TOO_LONG = Text("Câu truy vấn dài quá {limit} ký tự.", "The query is longer than {limit} characters.")
STORE_BUSY = Text("Kho sự kiện đang bận. Hãy thử lại sau giây lát.", "The event store is busy. Try again in a moment.")
EVENT_TOTAL_ONE = Text("{count} sự kiện", "{count} event")
EVENT_TOTAL_MANY = Text("{count} sự kiện", "{count} events")
NEWEST_SHOWN = Text("đang hiện {count} sự kiện mới nhất", "showing the newest {count}")
NEXT_SHOWN = Text("đang hiện {count} sự kiện cũ hơn", "showing {count} older ones")
NO_EVENTS = Text(
    "Không có sự kiện nào khớp. Thử nới khoảng thời gian hoặc bớt điều kiện.",
    "No event matches. Try a longer time or fewer conditions.",
)
NOT_WHOLE = Text(
    "Kết quả và số đếm dưới đây không đầy đủ: có dữ liệu không đọc được.",
    "The results and counts below are not whole: some data cannot be read.",
)
MISSING_DAY = Text(
    "Sự kiện nhận ngày {day} (UTC): thư mục {place} trong kho sự kiện",
    "Events received on {day} (UTC): folder {place} of the event store",
)
COLUMN_TIME = Text("Thời gian", "Time")
COLUMNS: Mapping[str, Text] = {
    "host.name": Text("Máy", "Host"),
    "event.dataset": Text("Nguồn", "Data set"),
    "message": Text("Nội dung", "Message"),
}
OVERVIEW_TITLE = Text("Toàn cảnh", "Overview")
OVERVIEW_WAIT = Text("Đang đếm…", "Counting…")
EVENTS_OVER_TIME = Text("Sự kiện theo thời gian", "Events over time")
EACH_BAR = Text("Mỗi cột là {step}; nhiều nhất {most}.", "Each bar is {step}; {most} at most.")
BRUSH_HINT = Text("Kéo để chọn một khoảng.", "Drag to choose a time.")
BAR = Text("{start} – {end}: {count} sự kiện", "{start} – {end}: {count} events")
FIELDS_TITLE = Text("Trường", "Fields")
FIND_FIELD = Text("Lọc tên trường", "Filter the fields")
SHOW_COLUMN = Text("Thêm cột {field}", "Add the column {field}")
HIDE_COLUMN = Text("Bỏ cột {field}", "Remove the column {field}")
VALUES_TITLE = Text("Giá trị của {field}", "Values of {field}")
VALUES_DISTINCT_ONE = Text("{count} giá trị", "{count} value")
VALUES_DISTINCT_MANY = Text("{count} giá trị khác nhau", "{count} different values")
VALUES_OTHER = Text("còn lại: {count}", "others: {count}")
VALUES_UNCERTAIN = Text("có thể sót giá trị có tới {count} sự kiện", "a value of up to {count} events may be missing")
NO_VALUES = Text("Không có giá trị nào.", "There are no values.")
EXPORT = Text("Xuất", "Export")
AS_CSV = Text("CSV", "CSV")
AS_NDJSON = Text("NDJSON", "NDJSON")
EXPORT_LIMIT = Text(
    "Xuất tối đa 100.000 sự kiện mới nhất; việc xuất được ghi vào nhật ký kiểm toán.",
    "At most the newest 100,000 events are exported; the audit records it.",
)
SAVED_SEARCHES = Text("Tìm kiếm đã lưu", "Saved searches")
NO_SAVED_SEARCHES = Text("Chưa lưu tìm kiếm nào.", "No search is saved yet.")
SAVE_SEARCH = Text("Lưu tìm kiếm này", "Save this search")
SEARCH_NAME = Text("Tên", "Name")
FORGET_SEARCH = Text("Xóa “{name}”", "Remove “{name}”")
NOT_SAVED_TITLE = Text("Chưa lưu được", "Not saved")
COMPLETIONS = Text("Gợi ý", "Suggestions")
RESULTS = Text("Kết quả", "Results")
ONLY_THIS = Text("Chỉ lấy {field} này", "Only this {field}")
WITHOUT_THIS = Text("Bỏ {field} này", "Without this {field}")
RECEIVED_AT = Text("Nhận lúc", "Received")
NOT_PARSED = Text("Không phân tích được: {reason}.", "Not parsed: {reason}.")
EVENT_ID = Text("Mã sự kiện", "Event id")

# Status
STATUS_TITLE = Text("Trạng thái hệ thống", "System status")
PROCESSES = Text("Tiến trình", "Processes")
PROCESS_NAME = Text("Tên", "Name")
PROCESS_STATE = Text("Trạng thái", "State")
PROCESS_MEMORY = Text("Bộ nhớ", "Memory")
PROCESS_PID = Text("PID", "PID")
PROCESS_STATES: Mapping[ProcessState, Text] = {
    "starting": Text("Đang khởi động", "Starting"),
    "working": Text("Đang hoạt động", "Working"),
    "waiting": Text("Đang chờ", "Waiting"),
    "stuck": Text("Bị treo", "Stuck"),
    "stopped": Text("Đã dừng", "Stopped"),
}
PROCESS_TASKS: Mapping[str, Text] = {
    "supervisor": Text("khởi động và trông các tiến trình khác", "starts and watches the others"),
    "intake": Text("nhận nhật ký", "receives logs"),
    "pipeline": Text("phân tích, lưu, phát hiện", "parses, stores, detects"),
    "web": Text("trang này và API", "these pages and the API"),
    "jobs": Text("việc định kỳ", "what is due by the clock"),
}
LISTENERS = Text("Nguồn đang nghe và đọc", "Listeners and readers")
LISTENER_NAME = Text("Nguồn", "Source")
LISTENER_ADDRESS = Text("Địa chỉ", "Address")
NO_LISTENERS = Text("Không có nguồn nào đang mở.", "Nothing listens.")
COUNTERS = Text("Bộ đếm", "Counters")
COUNTERS_HINT = Text(
    "Đã nhận = vào hàng đợi + mất trước hàng đợi; vào hàng đợi = đã lưu + mất theo kho + tồn đọng + hỏng. "
    "Không có mất mát nào không được đếm.",
    "Received = spooled + lost before the spool; spooled = stored + lost with the store + backlog + damaged. "
    "No loss goes uncounted.",
)
COUNTER_NAMES = {
    "received": Text("Đã nhận", "Received"),
    "dropped": Text("Mất trước hàng đợi", "Lost before the spool"),
    "spooled": Text("Vào hàng đợi", "Spooled"),
    "damaged": Text("Hỏng trong hàng đợi", "Damaged in the spool"),
    "backlog": Text("Tồn đọng", "Backlog"),
    "stored": Text("Đã lưu", "Stored"),
    "lost": Text("Mất theo kho sự kiện bị hỏng", "Lost with a damaged event store"),
    "rejected": Text("Không phân tích được (vẫn lưu)", "Not parsed (kept all the same)"),
    "shelved": Text("Cất riêng vì làm hỏng tiến trình", "Shelved for crashing the pipeline"),
    "alerts": Text("Cảnh báo", "Alerts"),
}
"""The fields of `core.status.Counters` in the order a reader follows an event."""
LOSSES = Text("Mất mát theo lý do", "Losses by reason")
TRUNCATED = Text("bản ghi quá dài, giữ lại phần đầu", "records that were too long, kept without their end")
RULES_REFUSED = Text(
    "Quy tắc hoặc đường dẫn quy tắc không nạp được: {count}. Xem: canh config check",
    "Rules, or paths of rules, that could not be loaded: {count}. See: canh config check",
)
SET_ASIDE = Text(
    "Một ngày của kho sự kiện bị hỏng và được cất riêng: {folder}. Không gì trong đó tìm được nữa; hãy giữ thư mục này "
    "và nạp lại nhật ký gốc bằng canh replay.",
    "A day of the event store is damaged and was set aside: {folder}. Nothing in it can be found any more; keep the "
    "folder, and replay the original logs with canh replay.",
)
LOSS_REASON = Text("Lý do", "Reason")
LOSS_COUNT = Text("Số bản ghi", "Records")
NO_LOSSES = Text("Không mất bản ghi nào.", "Nothing was lost.")

# Audit
AUDIT_TITLE = Text("Nhật ký kiểm toán", "Audit")
AUDIT_ACTOR = Text("Ai", "Who")
AUDIT_ACTOR_HINT = Text("tên hoặc account:7", "name or account:7")
AUDIT_ACTION = Text("Việc", "Action")
AUDIT_EVERY_ACTION = Text("Mọi việc", "Every action")
AUDIT_RESOURCE = Text("Đối tượng", "Resource")
AUDIT_RESOURCE_HINT = Text("alert:… hoặc alert", "alert:… or alert")
AUDIT_NUMBER = Text("Số", "No.")
AUDIT_OUTCOME = Text("Kết quả", "Outcome")
AUDIT_DETAIL = Text("Chi tiết", "Detail")
AUDIT_TOTAL_ONE = Text("1 dòng", "1 row")
AUDIT_TOTAL_MANY = Text("{count} dòng", "{count} rows")
AUDIT_NONE = Text("Không có dòng nào khớp.", "No row matches.")
AUDIT_ODD = Text(
    "Các dòng {rows} không đọc được vì đã bị sửa ngoài Canh. Hãy chạy: canh audit verify",
    "The rows {rows} cannot be read, for they were changed outside of Canh. Run: canh audit verify",
)
AUDIT_WAITS = Text("chờ vào chuỗi", "not chained yet")
AUDIT_HASH = Text("Mã băm {hash}", "Hash {hash}")
AUDIT_FILTER = Text("Lọc", "Narrow")
AUDIT_CLEAR = Text("Bỏ lọc", "Show all")
AUDIT_ONLY = Text("Chỉ {value}", "Only {value}")
AUDIT_CHAIN = Text("Chuỗi băm của nhật ký kiểm toán", "The audit's chain")
AUDIT_CHAINED = Text("Đã vào chuỗi đến dòng", "Chained through row")
AUDIT_WAITING = Text("Dòng chờ vào chuỗi", "Rows that wait")
AUDIT_CHECKPOINT = Text("Mốc đã ký gần nhất, ở dòng", "Last signed checkpoint, at row")
AUDIT_COPIES = Text("Mốc chép ra nơi khác", "Checkpoints copied elsewhere")
AUDIT_NO_COPIES = Text(
    "Chưa chép mốc nào ra ngoài máy này; đặt audit.checkpoint_file hoặc audit.checkpoint_syslog.",
    "No checkpoint leaves this machine yet; set audit.checkpoint_file or audit.checkpoint_syslog.",
)
AUDIT_COPIED = Text("đến dòng {sequence}, lúc {at}", "through row {sequence}, at {at}")
AUDIT_COPY_NEVER = Text("chưa chép được lần nào", "never copied yet")
AUDIT_COPY_FAILED = Text(
    "Không chép được lúc {at}: {reason}; còn {behind} mốc chưa chép.",
    "Could not be copied at {at}: {reason}; {behind} checkpoints wait.",
)
AUDIT_VERIFY_HINT = Text(
    "Trang này để đọc. Muốn biết có dòng nào bị sửa: canh audit verify, với khóa công khai và các mốc cất ở máy khác.",
    "This page is for reading. Whether a row was bent: canh audit verify, with the key and checkpoints kept elsewhere.",
)
AUDIT_DETAILS: Mapping[str, Text] = {
    "reason": Text("lý do", "reason"),
    "note": Text("ghi chú", "note"),
    "role": Text("vai trò", "role"),
    "name": Text("tên", "name"),
    "key": Text("khóa", "key"),
    "by": Text("bằng", "by"),
    "step": Text("bước tới", "next step"),
    "why": Text("vì", "why"),
    "to": Text("thành", "to"),
    "was": Text("trước đó", "before"),
    "found": Text("tìm thấy", "found"),
    "before": Text("trước", "before"),
    "after": Text("sau", "after"),
    "undoes": Text("hoàn tác phiên bản", "undoes version"),
    "given by": Text("người giao", "given by"),
    "taken by": Text("người nhận", "taken by"),
    "tokens": Text("số khóa API", "tokens"),
    "accounts": Text("số tài khoản", "accounts"),
    "service_accounts": Text("số tài khoản dịch vụ", "service accounts"),
    "remarks": Text("số điểm cần xem", "remarks"),
    "with": Text("cùng", "with"),
    "ended": Text("đã kết thúc", "ended"),
    "from": Text("từ", "from"),
    "from_unit": Text("từ đơn vị", "from unit"),
    "to_unit": Text("sang đơn vị", "to unit"),
    "unit": Text("đơn vị", "unit"),
    "count": Text("số lượng", "count"),
    "days": Text("số ngày", "days"),
    "issuer": Text("nhà cung cấp", "provider"),
    "subject": Text("mã định danh", "subject"),
    "passkey": Text("khóa truy cập số", "passkey number"),
    "service_account": Text("tài khoản dịch vụ", "service account"),
    "query": Text("truy vấn", "query"),
    "origin": Text("trang", "page"),
    "owner": Text("người chịu trách nhiệm", "owner"),
    "purpose": Text("mục đích", "purpose"),
}
"""What `detail` of an audit row names; anything else is shown by its own name."""

# Refusals
NOT_FOUND_TITLE = Text("Không tìm thấy", "Not found")
NOT_FOUND = Text("Không có gì ở địa chỉ này, hoặc bạn không được xem.", "Nothing is here, or it is not for you to see.")
FORBIDDEN_TITLE = Text("Không được phép", "Not allowed")
FORGED_TITLE = Text("Yêu cầu bị từ chối", "Request refused")
FORGED = Text(
    "Yêu cầu không đến từ trang của Canh, hoặc phiên đã đổi. Hãy quay lại, tải lại trang rồi thử lại.",
    "The request did not come from a page of Canh, or the session has changed. Go back, reload the page and try again.",
)
BAD_REQUEST_TITLE = Text("Yêu cầu sai", "Wrong request")
BAD_REQUEST = Text("Yêu cầu này không đọc được.", "The request cannot be read.")
UNAVAILABLE_TITLE = Text("Tạm thời chưa phục vụ được", "Temporarily unavailable")
UNAVAILABLE = Text(
    "Một thành phần bên dưới đang bận. Hãy thử lại sau giây lát.", "A service below is busy. Try again in a moment."
)
FAILED_TITLE = Text("Lỗi của Canh", "An error of ours")
FAILED = Text(
    "Có lỗi trong Canh. Nhật ký của máy chủ ghi mã {log_id}.",
    "Something of ours went wrong. The server's log has it as {log_id}.",
)
TO_FIRST_PAGE = Text("Về trang đầu", "To the first page")
