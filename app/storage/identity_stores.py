"""All that identity keeps in the database, on one engine."""

from sqlalchemy.engine import Engine

from .client_store import ClientStore
from .failure_store import FailureStore
from .key_store import KeyStore
from .migration import migrate
from .oauth_store import OAuthStore
from .session_store import SessionStore
from .transactions import Transactions
from .user_store import UserStore


class IdentityStores:
    """Users, keys, clients, sessions, failed proofs, what OAuth2 gave out; nothing is connected before it is used."""

    def __init__(self, engine: Engine) -> None:
        self.transactions = Transactions(engine)
        self.users = UserStore(self.transactions)
        self.keys = KeyStore(self.transactions)
        self.clients = ClientStore(self.transactions)
        self.sessions = SessionStore(self.transactions)
        self.failures = FailureStore(self.transactions)
        self.oauth = OAuthStore(self.transactions)

    def prepare(self) -> bool:
        """
        Make or change the tables where they are not as they should be, and say whether that was so.

        Raises:
            StorageUnavailableError: the database cannot be used.
        """
        return migrate(self.transactions.engine)

    def close(self) -> None:
        """Give back what connections are held."""
        self.transactions.engine.dispose()
