// What the page says, in both languages.

const statuses = {
  ru: { working: "Работают", degraded: "С ограничениями", stopped: "Не принимают", silent: "Молчат", off: "Выключены", maintenance: "Обслуживание", new: "Новые", retired: "Выведены" },
  en: { working: "Working", degraded: "Degraded", stopped: "Stopped", silent: "Silent", off: "Off", maintenance: "Maintenance", new: "New", retired: "Retired" },
};
const oneStatus = {
  ru: { working: "работает", degraded: "с ограничениями", stopped: "не принимает", silent: "молчит", off: "выключен", maintenance: "обслуживание", new: "новый", retired: "выведен" },
  en: { working: "working", degraded: "degraded", stopped: "stopped", silent: "silent", off: "off", maintenance: "maintenance", new: "new", retired: "retired" },
};
const severities = {
  ru: { critical: "критично", error: "ошибка", warning: "внимание", info: "сведение" },
  en: { critical: "critical", error: "error", warning: "warning", info: "info" },
};
const devices = {
  ru: { bill_acceptor: "купюроприёмник", coin_acceptor: "монетоприёмник", dispenser: "диспенсер", receipt_printer: "чековый принтер", fiscal_registrar: "ККТ", card_reader: "картридер", pin_pad: "пин-пад", modem: "модем", scanner: "сканер", camera: "камера", watchdog: "сторожевой таймер", sensors: "датчики", ups: "ИБП", screen: "экран", computer: "компьютер" },
  en: { bill_acceptor: "bill acceptor", coin_acceptor: "coin acceptor", dispenser: "dispenser", receipt_printer: "receipt printer", fiscal_registrar: "fiscal registrar", card_reader: "card reader", pin_pad: "PIN pad", modem: "modem", scanner: "scanner", camera: "camera", watchdog: "watchdog", sensors: "sensors", ups: "UPS", screen: "screen", computer: "computer" },
};
const conditions = {
  ru: { ok: "исправен", unknown: "неизвестный код", silent: "Нет связи с терминалом", sums_differ: "Суммы платежа не сходятся" },
  en: { ok: "ok", unknown: "unknown code", silent: "Terminal is silent", sums_differ: "The payment's sums do not add up" },
};
const reasons = {
  ru: { "never heard": "ещё не выходил на связь", power_off: "выключение питания", reboot: "перезагрузка", update: "обновление", operator: "оператором", crash: "сбой", locked: "заблокирован", silent: "нет связи" },
  en: { "never heard": "never heard", power_off: "power off", reboot: "reboot", update: "update", operator: "by operator", crash: "crash", locked: "locked", silent: "nothing heard" },
};
const kinds = {
  ru: { receipt_paper: "чековая лента", control_tape: "контрольная лента", cash_box: "стекер", coin_box: "монеты", fiscal_memory: "фискальная память" },
  en: { receipt_paper: "receipt paper", control_tape: "control tape", cash_box: "cash box", coin_box: "coin box", fiscal_memory: "fiscal memory" },
};
const acts = {
  ru: { technician: "техник", collector: "инкассатор", it: "ИТ", office: "офис", nobody: "никто" },
  en: { technician: "technician", collector: "collector", it: "IT", office: "office", nobody: "nobody" },
};
const roles = {
  ru: { dispatcher: "диспетчер", technician: "техник", accountant: "бухгалтер", dealer: "дилер", administrator: "администратор" },
  en: { dispatcher: "dispatcher", technician: "technician", accountant: "accountant", dealer: "dealer", administrator: "administrator" },
};
const text = {
  ru: {
    skip: "К списку терминалов", language: "Язык", signOut: "Выйти", signInTitle: "Вход", signIn: "Войти", person: "Сотрудник", password: "Пароль", orToken: "Или токен",
    signInHelp: "Введите имя и пароль или токен доступа. Его печатает «kmonitor up», а в работающей сети выдаёт администратор.",
    wrongToken: "Токен не подошёл.", wrongPassword: "Такого сотрудника нет, или пароль другой.", summary: "Сводка", byStatus: "Терминалы по состоянию", bySeverity: "Неисправности по важности",
    views: "Что показать", terminals: "Терминалы", faults: "Неисправности", openFaults: "Открытые неисправности",
    search: "Поиск", searchHint: "Номер, название, адрес", terminal: "Терминал", status: "Состояние", since: "Уже", heard: "На связи", place: "Регион, дилер",
    noFaults: "Всё исправно.", noTerminals: "Ни один терминал не подходит.", noTerminalsYet: "Терминалов пока нет: зарегистрируйте первый.",
    moneyToday: "Принято сегодня", noMoney: "платежей пока не было", noFigures: "архив не отвечает", payments: ["платёж", "платежа", "платежей"],
    completeTo: "Данные полны до", incomplete: "пока неизвестно", catchingUp: ["терминал догоняет", "терминала догоняют", "терминалов догоняют"],
    allInTime: "никто не отстаёт", live: "На связи", lost: "Связь потеряна, подключаюсь снова…", dataFrom: "Данные на", connecting: "Подключаюсь…",
    all: "Все", close: "Закрыть", units: "Узлы", consumables: "Расходные материалы", cash: "Наличные в терминале", total: "Всего",
    link: "Связь", computer: "Компьютер", queue: "Очередь", queueEmpty: "пусто", queued: ["событие ждёт", "события ждут", "событий ждут"],
    clock: "Часы", clockRight: "верны", clockWrong: "неверны", skew: "расхождение", lastPayment: "Последний платёж", lastEvent: "Последнее событие", lastReport: "Последний отчёт",
    software: "Программа", position: "Место в журнале", never: "не было", none: "нет данных", moneyRisk: "риск для денег", acts: "кому",
    left: "осталось", of: "из", notes: ["купюра", "купюры", "купюр"], code: "код", address: "Адрес", model: "Модель", showMore: "Показать ещё",
    ago: "назад", second: "с", minute: "мин", hour: "ч", day: "д", couldNot: "Не удалось прочитать:", clearFilter: "снять отбор", uptime: "работает",
    disk: "диск", memory: "память", heat: "температура", signal: "сигнал", ping: "отклик", rows: ["терминал", "терминала", "терминалов"],
  },
  en: {
    skip: "To the terminals", language: "Language", signOut: "Sign out", signInTitle: "Sign in", signIn: "Sign in", person: "Person", password: "Password", orToken: "Or a token",
    signInHelp: "Enter your name and password, or an access token. “kmonitor up” prints one; in a live network an administrator issues it.",
    wrongToken: "This token is not valid.", wrongPassword: "There is no such person, or the password is another.", summary: "Summary", byStatus: "Terminals by status", bySeverity: "Faults by severity",
    views: "What to show", terminals: "Terminals", faults: "Faults", openFaults: "Open faults",
    search: "Search", searchHint: "Number, name, address", terminal: "Terminal", status: "Status", since: "For", heard: "Heard", place: "Region, dealer",
    noFaults: "Everything is in order.", noTerminals: "No terminal matches.", noTerminalsYet: "There are no terminals yet: register the first.",
    moneyToday: "Taken today", noMoney: "no payments yet", noFigures: "the archive does not answer", payments: ["payment", "payments", "payments"],
    completeTo: "Complete to", incomplete: "not known yet", catchingUp: ["terminal is catching up", "terminals are catching up", "terminals are catching up"],
    allInTime: "nobody lags behind", live: "Live", lost: "Connection lost, retrying…", dataFrom: "Data is from", connecting: "Connecting…",
    all: "All", close: "Close", units: "Units", consumables: "Consumables", cash: "Cash in the terminal", total: "Total",
    link: "Link", computer: "Computer", queue: "Queue", queueEmpty: "empty", queued: ["event waits", "events wait", "events wait"],
    clock: "Clock", clockRight: "right", clockWrong: "wrong", skew: "off by", lastPayment: "Last payment", lastEvent: "Last event", lastReport: "Last report",
    software: "Software", position: "Position in the log", never: "never", none: "no data", moneyRisk: "money at risk", acts: "for",
    left: "left", of: "of", notes: ["note", "notes", "notes"], code: "code", address: "Address", model: "Model", showMore: "Show more",
    ago: "ago", second: "s", minute: "min", hour: "h", day: "d", couldNot: "Could not be read:", clearFilter: "clear the filter", uptime: "up",
    disk: "disk", memory: "memory", heat: "temperature", signal: "signal", ping: "ping", rows: ["terminal", "terminals", "terminals"],
  },
};
export const WORDS = { text, statuses, oneStatus, severities, devices, conditions, reasons, kinds, acts, roles };
