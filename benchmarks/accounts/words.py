"""What accounts are made of. Hosts end in `.example`, which nobody can own, and handles are those of nobody."""

from typing import Final

ADJECTIVES: Final = (
    "mossy", "quiet", "amber", "rusty", "lunar", "brisk", "hazel", "copper", "gentle", "crooked", "velvet", "salty",
    "northern", "paper", "wooden", "foggy", "sunny", "plain", "stray", "silver", "clever", "lazy", "patient", "autumn",
)  # fmt: skip
NOUNS: Final = (
    "kettle", "heron", "lantern", "pebble", "meadow", "otter", "compass", "willow", "badger", "teacup", "harbour",
    "sparrow", "bramble", "anvil", "thistle", "marble", "rook", "cello", "ferry", "acorn", "beacon", "walnut", "fiddle",
    "magpie", "drum", "canal",
)  # fmt: skip
HOBBIES: Final = (
    "field recordings", "brass bands", "old maps", "choral music", "tape loops", "folk dance tunes", "vinyl reissues",
    "organ music", "radio plays", "jazz from small labels", "church bells", "film scores", "street music", "lullabies",
    "early synthesizers", "piano rolls", "sea shanties", "birdsong", "chamber music", "string quartets",
)  # fmt: skip
DEEDS: Final = (
    "I collect", "I catalogue", "I write about", "I sort", "I correct entries about", "I listen to", "I teach",
    "I play",
    "I repair instruments for", "I transcribe", "I add missing dates to", "I keep a shelf of",
)  # fmt: skip
ASIDES: Final = (
    "Ask me about the local archive.", "Mostly here at weekends.", "Corrections are welcome.", "Still learning.",
    "I talk too much about sleeves.", "Happy to help with scans.", "Slow to answer, sorry.", "Tea, not coffee.",
    "My edits come in batches after concerts.", "Formerly at the town library.", "Please be kind to my typos.",
)  # fmt: skip
WARES: Final = (
    "weight loss tea", "payday loans", "casino bonus codes", "replica watches", "cheap flooring", "essay writing",
    "crypto signals", "roof repair", "dental implants", "skin cream", "phone unlocking", "followers and likes",
    "locksmith services", "hair removal", "keto gummies", "discount vouchers", "limousine hire", "mattress deals",
)  # fmt: skip
CLAIMS: Final = (
    "Best {} in town, call now!", "We offer top rated {} at unbeatable prices.", "Buy {} online today.",
    "Leading provider of {} since years.", "Get {} with 70% off, limited offer!!", "Trusted {} for your business.",
    "Visit our website for {}.", "Affordable {} near you, free quote.", "The number one {} experts.",
)  # fmt: skip
# What anybody might write.
NEUTRAL: Final = (
    "Hello everybody.", "Just me.", "Nice to be here.", "Music and more.", "New here, say hi.", "I like it here.",
    "Here for the music.", "Living my life.", "Work in progress.", "Nothing to see.", "Will fill this in later.",
    "Fan of good things.", "Reader, listener, walker.", "Love music, love life.", "A profile.",
)  # fmt: skip
COMMON_MAIL: Final = ("postbox.example", "mailhouse.example", "inboxly.example", "letterline.example")
KEPT_MAIL: Final = (
    "choir.example", "townlibrary.example", "student.uni.example", "bandmail.example", "coop-net.example",
    "archive.example", "schoolpost.example", "villagenet.example",
)  # fmt: skip
THROWAWAY_MAIL: Final = (
    "tenminutes.example", "quickdrop.example", "tempbox.example", "bulkreg.example", "mailsink.example",
    "oneshot.example", "freeinbox24.example", "vanishing.example",
)  # fmt: skip
COUNTRIES: Final = ("AT", "BE", "BR", "CA", "DE", "ES", "FI", "FR", "IE", "IN", "IT", "JP", "NL", "PL", "PT", "SE")
OFTEN_SPAM: Final = ("XA", "XB", "XC", "XD")
"""Countries of nobody, which ISO 3166 leaves to users: no real one is to be learned as suspicious."""
OFTEN_GENUINE: Final = ("XK", "XL", "XM", "XN")
LANGUAGES: Final = ("de", "en", "es", "fi", "fr", "it", "ja", "nl", "pl", "pt", "sv")
TRADES: Final = ("deals", "shop", "online", "promo", "cash", "bonus", "cheap", "best", "24", "pro", "vip", "offers")
