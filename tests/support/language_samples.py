"""One invented news sentence per language, for tests of encodings and of language identification."""

from __future__ import annotations

LANGUAGE_SAMPLES = {
    "it": "Il consiglio di Arvenholt ha votato per riaprire il traghetto. «È tardi, ma è giusto», ha detto lui. ",
    "es": "El consejo de Arvenholt votó a favor de reabrir el transbordador. «Es tarde, pero es justo», dijo ella. ",
    "pt": "O conselho de Arvenholt votou pela reabertura da balsa. “É tarde, mas é justo”, disse o prefeito, rindo. ",
    "de": "Der Rat von Arvenholt stimmte dafür, die alte Fähre wieder zu öffnen. „Es ist spät“, sagte er müde. ",
    "nl": "De raad van Arvenholt stemde voor het heropenen van de oude veerpont. ‘Het is laat’, zei de burgemeester. ",
    "hi": "परिषद ने सोमवार को पुरानी नाव सेवा फिर शुरू करने के लिए मतदान किया। महापौर ने कहा कि देर हुई पर सही है। ",
    "ar": "صوّت المجلس يوم الاثنين على إعادة فتح العبّارة القديمة. قال رئيس البلدية إن القرار متأخر لكنه صائب. ",
    "he": "המועצה הצביעה ביום שני בעד פתיחה מחדש של המעבורת הישנה. ראש העיר אמר שזה מאוחר אבל נכון. ",
    "th": "สภาลงมติเมื่อวันจันทร์ให้เปิดเรือข้ามฟากเก่าอีกครั้ง นายกเทศมนตรีกล่าวว่าช้าไปแต่ถูกต้อง ",
    "en": "The council of Arvenholt voted to reopen the ferry. “It is late, but it’s right,” said the mayor – twice. ",
    "fr": "Le conseil d’Arvenholt a voté la réouverture du bac. « C’est tard », a déclaré le maire à la fenêtre. ",
    "pl": "Rada miasta głosowała za otwarciem promu. „Jest późno, ale słusznie” – mówi burmistrz, choć się waha. ",
    "ru": "Совет города проголосовал за то, чтобы снова открыть паромную переправу. «Это поздно», — сказал мэр. ",
    "el": "Το δημοτικό συμβούλιο ψήφισε να ανοίξει ξανά το παλιό πορθμείο. «Είναι αργά αλλά σωστό», είπε ο δήμαρχος. ",
    "tr": "Meclis, dokuz yıldır nehri geçmeyen eski feribotu yeniden açmak için oy kullandı. “Geç ama doğru” dedi. ",
    "ja": "市議会は月曜日、九年間川を渡っていなかった古い渡し船を再開すると決めた。「遅いが正しい」と市長は語った。",
    "zh": "市议会星期一投票决定重新开放已有九年没有过河的旧渡轮。市长说虽然晚了但这是对的对岸的店主表示欢迎。",
    "ko": "시의회는 월요일에 구 년 동안 강을 건너지 않은 낡은 나룻배를 다시 열기로 결정했다. 시장은 말했다. ",
    "ur": "کونسل نے پیر کو پرانی کشتی سروس دوبارہ شروع کرنے کے حق میں ووٹ دیا۔ میئر نے کہا کہ دیر ہوئی مگر درست ہے۔ ",
    "am": "ምክር ቤቱ ሰኞ ዕለት አሮጌውን የጀልባ አገልግሎት እንደገና ለመክፈት ድምፅ ሰጠ። ከንቲባው ዘግይቷል ግን ትክክል ነው አሉ። ",
    "km": "ក្រុមប្រឹក្សាបានបោះឆ្នោតនៅថ្ងៃច័ន្ទដើម្បីបើកសាឡាងចាស់ឡើងវិញ។ អភិបាលក្រុងបាននិយាយថាវាយឺតប៉ុន្តែត្រឹមត្រូវ។ ",
    "my": "ကောင်စီသည် တနင်္လာနေ့တွင် ကူးတို့ကို ပြန်ဖွင့်ရန် မဲပေးခဲ့သည်။ မြို့တော်ဝန်က မှန်ကန်သည်ဟု ပြောသည်။ ",
}
