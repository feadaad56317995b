"""One invented news sentence per language, for tests of encodings and of language identification."""

from __future__ import annotations

LANGUAGE_SAMPLES = {
    "en": "The council of Arvenholt voted to reopen the ferry. “It is late, but it’s right,” said the mayor – twice. ",
    "fr": "Le conseil d’Arvenholt a voté la réouverture du bac. « C’est tard », a déclaré le maire à la fenêtre. ",
    "pl": "Rada miasta głosowała za otwarciem promu. „Jest późno, ale słusznie” – mówi burmistrz, choć się waha. ",
    "ru": "Совет города проголосовал за то, чтобы снова открыть паромную переправу. «Это поздно», — сказал мэр. ",
    "el": "Το δημοτικό συμβούλιο ψήφισε να ανοίξει ξανά το παλιό πορθμείο. «Είναι αργά αλλά σωστό», είπε ο δήμαρχος. ",
    "tr": "Meclis, dokuz yıldır nehri geçmeyen eski feribotu yeniden açmak için oy kullandı. “Geç ama doğru” dedi. ",
    "ja": "市議会は月曜日、九年間川を渡っていなかった古い渡し船を再開すると決めた。「遅いが正しい」と市長は語った。",
    "zh": "市议会星期一投票决定重新开放已有九年没有过河的旧渡轮。市长说虽然晚了但这是对的对岸的店主表示欢迎。",
    "ko": "시의회는 월요일에 구 년 동안 강을 건너지 않은 낡은 나룻배를 다시 열기로 결정했다. 시장은 말했다. ",
}
