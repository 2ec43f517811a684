"""Teaches MiniStack that SNS calls a function asynchronously, as asynchronous_calls has it."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import lambda_svc, sns


def teach() -> None:
    """Replace the delivery, which calls once and forgets."""

    def deliver(
        endpoint: str,
        envelope: str,
        _topic_arn: str,
        subscription_arn: str,
        _message_id: str,
        _raw_message: str,
        _attributes: dict[str, Any],
    ) -> None:
        function, _config, _name = lambda_svc._get_func_record_for_ref(endpoint)
        if function is None:
            sns.logger.error("no function %s for %s", endpoint, subscription_arn)
            return
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription_arn,
            "EventSource": "aws:sns",
            "Sns": json.loads(envelope),
        }
        lambda_svc.invoke_async_with_retry(function, {"Records": [record]})

    sns._deliver_to_lambda = deliver
